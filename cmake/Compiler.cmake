# Warnings, sanitizers, ccache and linker: one place for what every target shares.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only with these (ccache's manual, "Precompiled headers").
  set(cached ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${cached})
  set(CMAKE_C_COMPILER_LAUNCHER ${cached})
endif()

add_library(wsspec_options INTERFACE)
target_compile_options(wsspec_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow
                                                $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                                                $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual> $<$<BOOL:${WSSPEC_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With precompiled headers ccache needs to see what they were made of.
  target_compile_options(wsspec_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  # GCC 12 reports false positives of these inside its own library at -O2 and above (PR 105329, PR 105651).
  target_compile_options(wsspec_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
                                                  -Wno-array-bounds
                                                  -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12 deprecates what its own stable_sort() uses, and clang tells of it where that is instantiated.
  target_compile_options(wsspec_options INTERFACE -Wno-deprecated-declarations)
endif()
if(WSSPEC_ASSERTIONS)
  # The library checks what we promise it: bounds, optionals that hold something.
  target_compile_definitions(wsspec_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(WSSPEC_SANITIZE)
  target_compile_options(wsspec_options INTERFACE -fsanitize=${WSSPEC_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(wsspec_options INTERFACE -fsanitize=${WSSPEC_SANITIZE})
  if(WSSPEC_SANITIZE MATCHES undefined)
    # The check of virtual calls opens a pipe to see whether memory is there. Where a test leaves no descriptor, it finds that no
    # object has a type.
    target_compile_options(wsspec_options INTERFACE -fno-sanitize=vptr)
  endif()
endif()
if(WSSPEC_FUZZ)
  # Coverage counters in every module, so that libFuzzer sees into them; the targets themselves link its main (fuzz/).
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "WSSPEC_FUZZ needs clang; without it the targets replay files (fuzz/main.cc)")
  endif()
  target_compile_options(wsspec_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
