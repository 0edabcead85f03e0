# assay_add_plugin(NAME SOURCES FILE... MANIFEST FILE [LIBRARIES TARGET...])
#
# Builds NAME.so, a plugin: checks the manifest against its schema, puts it into an ELF note, writes NAME_ids.h with the
# ids that the manifest declares, hides every symbol but assay_entry_v1, and refuses undefined symbols.
set(ASSAY_PLUGIN_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")

function(assay_add_plugin NAME)
  cmake_parse_arguments(PLUGIN "" "MANIFEST" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT PLUGIN_MANIFEST OR NOT PLUGIN_SOURCES)
    message(FATAL_ERROR "assay_add_plugin(${NAME}): needs SOURCES and MANIFEST")
  endif()
  get_filename_component(manifest "${PLUGIN_MANIFEST}" ABSOLUTE)
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${NAME}_manifest")
  set(note "${generated}/${NAME}_note.c")
  set(ids "${generated}/${NAME}_ids.h")
  add_custom_command(OUTPUT "${note}" "${ids}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${generated}"
    COMMAND assay::manifest "${manifest}" --note "${note}" --ids "${ids}"
    DEPENDS "${manifest}" assay::manifest COMMENT "Manifest of ${NAME}" VERBATIM)

  add_library(${NAME} MODULE ${PLUGIN_SOURCES} "${note}" "${ids}")
  target_include_directories(${NAME} PRIVATE "${generated}")
  target_link_libraries(${NAME} PRIVATE assay::sdk ${PLUGIN_LIBRARIES})
  set(script "${ASSAY_PLUGIN_CMAKE_DIR}/plugin.map")
  set_target_properties(${NAME} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON LINK_DEPENDS "${script}")
  target_link_options(${NAME} PRIVATE "-Wl,--version-script=${script}" "-Wl,-z,now" "-Wl,-z,noexecstack")
  get_target_property(options ${NAME} LINK_OPTIONS)
  get_directory_property(inherited LINK_OPTIONS)
  if(NOT "${options};${inherited}" MATCHES "-fsanitize")
    target_link_options(${NAME} PRIVATE "-Wl,-z,defs")
  endif()
endfunction()
