// The one way in which text leaves this program. Whatever it says may hold what a plugin, a disk or a file's name
// brought: what could drive a terminal or mislead a reader is replaced here, and nowhere else needs to think of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace assay::app {

/// To standard output, and to standard error; formatted as printf does, then under core::visible_text().
void say(const char* format, ...) __attribute__((format(printf, 1, 2)));
void complain(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// A line (or, with `indent`, several) of JSON to standard output: valid UTF-8, with escapes for control characters.
void say_json(const nlohmann::ordered_json& document, int indent = 2);

/// Takes back the line that the cursor is on; only for a terminal.
void erase_line();

enum class Form { text, json, page };

/// To the file that --out names, or to standard output ("" or "-"): text under core::visible_text(), JSON under
/// core::visible_json(); a page (HTML, PDF) byte by byte, as it was sealed, but to no terminal. Throws core::BadInput
/// when it cannot be written.
void write_out(const std::string& text, const std::string& out, Form form);

/// Writes what standard output still holds. The errno of what could not be written (a full disk, a limit); 0: nothing.
int flush_output();

}  // namespace assay::app
