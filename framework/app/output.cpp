#include "output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/durable_folder.hpp"
#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/text.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;

/// A pipe, a terminal, /dev/null, or a link of one's own to whatever: nothing that could be put in its place whole.
bool is_written_in_place(const std::string& out) {
  struct stat status {};
  if (lstat(out.c_str(), &status) != 0) return false;
  if (S_ISLNK(status.st_mode) && status.st_uid != geteuid() && status.st_uid != 0)
    throw core::BadInput("--out " + out + ": is a link that belongs to another user; name the file itself");
  return !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

std::string formatted(const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (size < 0) return format;
  std::string text(static_cast<size_t>(size) + 1, '\0');
  std::vsnprintf(text.data(), text.size(), format, arguments);
  text.pop_back();
  return text;
}

int lost = 0;  // the errno of the first text that could not be written

void put(std::FILE* stream, const std::string& text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stream) != text.size() && stream == stdout && lost == 0) lost = errno;
}

}  // namespace

void say(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put(stdout, core::visible_text(formatted(format, arguments)));
  va_end(arguments);
}

void complain(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put(stderr, core::visible_text(formatted(format, arguments)));
  va_end(arguments);
}

void say_json(const nlohmann::ordered_json& document, int indent) {
  put(stdout,
      core::visible_json(document.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n");
}

void erase_line() { std::fputs("\r\033[K", stdout); }

void write_out(const std::string& text, const std::string& out, Form form) {
  const bool to_terminal = isatty(STDOUT_FILENO) == 1;
  if (out.empty() || out == "-") {
    if (form == Form::json)
      put(stdout, core::visible_json(text));
    else if (form == Form::text || to_terminal)
      put(stdout, core::visible_text(text));
    else
      put(stdout, text);
    return;
  }
  const std::string shown = form == Form::json   ? core::visible_json(text)
                            : form == Form::text ? core::visible_text(text)
                                                 : text;
  if (is_written_in_place(out)) {
    std::ofstream file(out, std::ios::binary | std::ios::trunc);
    file << shown;
    file.close();
    if (!file) throw core::BadInput("--out " + out + ": cannot be written: " + core::write_failure(errno));
    return;
  }
  const fs::path path(out);
  try {
    core::DurableFolder(path.parent_path().string()).write(path.filename().string(), shown);
  } catch (const std::exception& trouble) {
    throw core::BadInput("--out " + out + ": cannot be written: " + trouble.what());
  }
}

int flush_output() {
  errno = 0;
  if (std::fflush(stdout) != 0 && lost == 0) lost = errno;
  // A terminal that was closed meanwhile takes nothing any more, and nobody reads it.
  struct stat status {};
  if (lost == EIO && fstat(STDOUT_FILENO, &status) == 0 && S_ISCHR(status.st_mode)) return 0;
  return lost;
}

}  // namespace assay::app
