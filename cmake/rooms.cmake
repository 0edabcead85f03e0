# assay_room(NAME SOURCES ... DEPENDS ... PRIVATE ...)
# One room of the house: a static library `assay_NAME` whose public headers live in include/NAME.
# A room sees only the headers of the rooms that it names in DEPENDS; PRIVATE is for libraries that
# its headers do not show.
function(assay_room NAME)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(assay_${NAME} STATIC ${ROOM_SOURCES})
  target_include_directories(assay_${NAME} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/include")
  target_link_libraries(assay_${NAME} PUBLIC ${ROOM_DEPENDS} PRIVATE assay_settings ${ROOM_PRIVATE})
endfunction()

# assay_embed(TARGET NAME FILE): makes FILE's bytes available as `extern const char NAME[]` in namespace assay::embedded.
function(assay_embed TARGET NAME FILE)
  cmake_path(ABSOLUTE_PATH FILE)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded_${NAME}.cpp")
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" -DNAME=${NAME} "-DINPUT=${FILE}" "-DOUTPUT=${out}"
            -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
    DEPENDS "${FILE}" "${CMAKE_SOURCE_DIR}/cmake/embed.cmake" VERBATIM)
  target_sources(${TARGET} PRIVATE "${out}")
endfunction()
