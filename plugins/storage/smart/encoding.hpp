// The bytes of a file as the plain text that smartctl wrote.
#pragma once

#include <string>

namespace smart {

/// Windows' shells write UTF-16 when output goes to a file; marks of the byte order stand wherever files were joined.
/// What smartctl prints is ASCII but for names: any other character becomes "?".
std::string plain_text(const std::string& bytes);

}  // namespace smart
