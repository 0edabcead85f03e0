# Compiler settings for everything in this repository; a vendor's build sees none of them.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

option(ASSAY_FUZZ "Build tests/fuzz for libFuzzer (clang)" OFF)
option(ASSAY_WERROR "Treat warnings as errors" OFF)
set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined")

add_library(assay_settings INTERFACE)
target_compile_options(assay_settings INTERFACE -Wall -Wextra -Wshadow -Wconversion
  # g++ 12 sees overlapping copies in std::string's operator+ that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${ASSAY_WERROR}>:-Werror>)
if(ASSAY_SANITIZE)
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
  # With sanitizers g++ 12 sees uninitialised parts in std::function that are not there.
  target_compile_options(assay_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  # The runner bounds its address space unless a sanitizer needs terabytes of it.
  add_compile_definitions(ASSAY_SANITIZED=1)
endif()
if(ASSAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost 1.81 REQUIRED)
pkg_check_modules(hwloc REQUIRED IMPORTED_TARGET hwloc)
pkg_check_modules(blkid REQUIRED IMPORTED_TARGET blkid)
pkg_check_modules(libusb REQUIRED IMPORTED_TARGET libusb-1.0)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(cap-ng REQUIRED IMPORTED_TARGET libcap-ng)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
find_package(ZLIB REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(liburing REQUIRED IMPORTED_TARGET liburing)

# Boost.DLL is header-only with std::filesystem; without this it links boost_filesystem.
add_library(assay_boost_dll INTERFACE)
target_link_libraries(assay_boost_dll INTERFACE Boost::headers ${CMAKE_DL_LIBS})
target_compile_definitions(assay_boost_dll INTERFACE BOOST_DLL_USE_STD_FS)
