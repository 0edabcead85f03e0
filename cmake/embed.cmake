# Writes a C++ file that holds the bytes of INPUT as a zero-terminated array NAME, and their number as NAME_size.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
file(WRITE "${OUTPUT}" "namespace assay::embedded {\nextern const char ${NAME}[];\nconst char ${NAME}[] = {${bytes}'\\0'};\nextern const unsigned long ${NAME}_size;\nconst unsigned long ${NAME}_size = sizeof ${NAME} - 1;\n}\n")
