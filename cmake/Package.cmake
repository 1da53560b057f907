# The Debian package: `cpack -G DEB` in the build folder, or ci/package.sh, which also tries it out.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wsspec)
set(CPACK_PACKAGE_CONTACT "wsspec maintainers <wsspec@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "conformance and fuzz tester for WebSocket servers")
set(CPACK_PACKAGE_DESCRIPTION
"Plays about two thousand short scripts against a WebSocket server and names
for each fault the clause of RFC 6455 or RFC 7692 that is broken, with a log
that replays it. Fuzzes servers with the protocol itself as the oracle.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # needs dpkg-dev; names the libraries and their versions
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
include(CPack)
