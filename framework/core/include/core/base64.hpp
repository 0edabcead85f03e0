// Base64 (RFC 4648), by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::core {

std::string to_base64(std::string_view bytes);

/// Nothing for what no encoder writes: only the one way to write these bytes counts.
std::optional<std::string> from_base64(const std::string& text);

}  // namespace assay::core
