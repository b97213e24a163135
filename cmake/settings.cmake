# SPDX-License-Identifier: Apache-2.0
# Two interface targets that every target of ours links: how we compile, and what we are warned of.

add_library(nines_settings INTERFACE)
target_include_directories(nines_settings INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(nines_settings INTERFACE
  -fstack-protector-strong -fstack-clash-protection -fcf-protection
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -fno-omit-frame-pointer)
target_compile_definitions(nines_settings INTERFACE
  _GLIBCXX_ASSERTIONS _FILE_OFFSET_BITS=64
  ASIO_STANDALONE ASIO_SEPARATE_COMPILATION ASIO_NO_DEPRECATED)
target_link_options(nines_settings INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)

find_program(NINES_MOLD mold)
if(NINES_MOLD)
  target_link_options(nines_settings INTERFACE -fuse-ld=mold)
endif()

find_program(NINES_CCACHE ccache)
if(NINES_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${NINES_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${NINES_CCACHE})
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# -O0: UndefinedBehaviorSanitizer at -O1 nearly doubles the time a coroutine takes to compile.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

if(NINES_SANITIZE)
  target_compile_options(nines_settings INTERFACE
    -fsanitize=${NINES_SANITIZE} -fno-sanitize-recover=all)
  # To see whether memory is readable that check opens a pipe: where a test leaves no descriptor, an
  # object of a type that it has not met yet would be called broken.
  if(NINES_SANITIZE MATCHES "undefined")
    target_compile_options(nines_settings INTERFACE -fno-sanitize=vptr)
  endif()
  target_link_options(nines_settings INTERFACE -fsanitize=${NINES_SANITIZE})
  if(NINES_SANITIZE MATCHES "fuzzer")
    # Asio 1.22 looks for the coroutines that clang had before those of the standard.
    target_compile_definitions(nines_settings INTERFACE ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
  endif()
  if(NINES_SANITIZE MATCHES "thread")
    target_compile_options(nines_settings INTERFACE -Wno-tsan)
  endif()
else()
  target_compile_definitions(nines_settings INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
  target_compile_options(nines_settings INTERFACE
    -ftrivial-auto-var-init=zero -ffunction-sections -fdata-sections)
  target_link_options(nines_settings INTERFACE -pie -Wl,--gc-sections -Wl,--as-needed)
endif()

add_library(nines_warnings INTERFACE)
target_compile_options(nines_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Woverloaded-virtual
  -Wnon-virtual-dtor -Wimplicit-fallthrough -Wno-missing-field-initializers)
# Optimising, g++ 12 sees uninitialised bytes in every std::variant that may hold an error, and
# takes Asio's frames, freed as they were made, for a mismatch where it inlines only one of both.
target_compile_options(nines_warnings INTERFACE
  $<$<CONFIG:Release>:-Wno-maybe-uninitialized;-Wno-mismatched-new-delete>)
if(NINES_WERROR)
  target_compile_options(nines_warnings INTERFACE -Werror)
endif()
