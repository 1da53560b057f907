# wsspec_module(NAME LINKS libs... PRIVATE_LINKS libs... TEST_LINKS libs... TEST_SOURCES files...): one library per folder
# of harness/, its *_test.cc as one test program, which may need more. COLD: what runs once for each command; its libraries (JSON,
# options, TOML) are most of a build, so that it is optimised less.
# Sources are globbed so that a new file needs no edit here; the folder name is the module name.
function(wsspec_module name)
  cmake_parse_arguments(arg "COLD" "" "LINKS;PRIVATE_LINKS;TEST_LINKS;TEST_SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")

  set(precompiled ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  if("fmt::fmt" IN_LIST arg_PRIVATE_LINKS)
    list(APPEND precompiled <fmt/format.h>)
  endif()
  if(sources)
    add_library(wsspec_${name} STATIC ${sources})
    target_include_directories(wsspec_${name} PUBLIC ${CMAKE_SOURCE_DIR}/harness)
    target_link_libraries(wsspec_${name} PUBLIC ${arg_LINKS} PRIVATE wsspec_options ${arg_PRIVATE_LINKS})
    if(WSSPEC_UNITY)
      set_target_properties(wsspec_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 20)
      # Headers parsed once for twenty files need not be made ready for it, which takes longer.
      target_compile_options(wsspec_${name} PRIVATE "SHELL:-include ${CMAKE_SOURCE_DIR}/cmake/precompiled.h")
    else()
      target_precompile_headers(wsspec_${name} PRIVATE ${precompiled})
    endif()
    if(arg_COLD)
      target_compile_options(wsspec_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
    endif()
  else()
    add_library(wsspec_${name} INTERFACE)
    target_include_directories(wsspec_${name} INTERFACE ${CMAKE_SOURCE_DIR}/harness)
    target_link_libraries(wsspec_${name} INTERFACE ${arg_LINKS} ${arg_PRIVATE_LINKS})
  endif()

  if(WSSPEC_TESTS AND tests)
    find_package(GTest REQUIRED)
    include(GoogleTest)
    # What tests include and how they are compiled is the same for all, so that its headers are made ready once.
    if(NOT TARGET wsspec_tests)
      file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/tests.cc CONTENT "// See cmake/Module.cmake.\n")
      add_library(wsspec_tests OBJECT ${CMAKE_BINARY_DIR}/tests.cc)
      target_link_libraries(wsspec_tests PUBLIC wsspec_options fmt::fmt GTest::gmock GTest::gtest_main)
      # What is tested is what has to be fast. Some libraries ask for -pthread; headers made ready without it would be refused.
      target_compile_options(wsspec_tests PUBLIC $<$<CONFIG:Release>:-O1> -pthread)
      target_precompile_headers(wsspec_tests PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h <fmt/format.h> <gmock/gmock.h>
                                                     <gtest/gtest.h>)
    endif()
    add_executable(${name}_test ${tests} ${arg_TEST_SOURCES})
    target_link_libraries(${name}_test PRIVATE wsspec_${name} ${arg_PRIVATE_LINKS} ${arg_TEST_LINKS} wsspec_tests)
    target_precompile_headers(${name}_test REUSE_FROM wsspec_tests)
    # Each test file has a namespace of its own.
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD ${WSSPEC_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    target_compile_definitions(${name}_test PRIVATE WSSPEC_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST
                         TEST_PREFIX "${name}." PROPERTIES TIMEOUT 300)
  endif()
endfunction()
