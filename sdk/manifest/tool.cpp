// assay-manifest: checks a plugin's manifest and turns it into the ELF note and the header of ids that the plugin is
// built with. Usage: assay-manifest FILE [--note OUT.c] [--ids OUT.h]. Exit 0, or 2 with the faults on stderr.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "manifest/check.hpp"
#include "manifest/strict_json.hpp"

namespace {

using nlohmann::json;

std::string note_source(const std::string& manifest) {
  std::ostringstream out;
  out << "/* The manifest as an ELF note: owner \"assay\", type 1. Written by assay-manifest. */\n"
      << "#include <stdint.h>\n"
      << "#define SIZE " << manifest.size() << "\n"
      << "__attribute__((used, retain, section(\".note.assay\"), aligned(4)))\n"
      << "static const struct { uint32_t owner_size, size, type; char owner[8]; unsigned char text[(SIZE + 3) / 4 * "
         "4]; }\n"
      << "assay_note = {6, SIZE, 1, \"assay\", {";
  for (size_t i = 0; i < manifest.size(); ++i)
    out << (i % 24 == 0 ? "\n" : "") << static_cast<unsigned>(static_cast<unsigned char>(manifest[i])) << ",";
  out << "}};\n";
  return out.str();
}

std::string macro_name(const std::string& text) {
  std::string name;
  for (char c : text) name += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(c)) : '_';
  return name;
}

std::string ids_header(const json& manifest) {
  std::ostringstream out;
  out << "/* The ids that the manifest declares. Written by assay-manifest. */\n#pragma once\n";
  const auto define = [&](const std::string& name, const std::string& value) {
    out << "#define " << name << " \"" << value << "\"\n";
  };
  for (const json& test : manifest["tests"]) {
    const std::string id = test["id"], stem = macro_name(id);
    define(stem, id);
    for (const json& p : test["parameters"]) define(stem + "_PARAMETER_" + macro_name(p["key"]), p["key"]);
    for (const json& m : test["measurements"]) define(stem + "_MEASUREMENT_" + macro_name(m["key"]), m["key"]);
    for (const json& i : test["injections"]) define(stem + "_INJECTION_" + macro_name(i["id"]), i["id"]);
  }
  return out.str();
}

bool write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) std::cerr << path << ": cannot be written\n";
  return static_cast<bool>(file);
}

}  // namespace

int main(int count, char** arguments) {
  std::string input, note, ids;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--note" && i + 1 < count)
      note = arguments[++i];
    else if (argument == "--ids" && i + 1 < count)
      ids = arguments[++i];
    else if (input.empty() && argument.rfind("--", 0) != 0)
      input = argument;
    else
      input.clear(), i = count;
  }
  if (input.empty()) {
    std::cerr << "usage: assay-manifest FILE [--note OUT.c] [--ids OUT.h]\n";
    return 2;
  }
  std::ifstream file(input, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << input << ": cannot be read\n";
    return 2;
  }
  const auto faults = assay::manifest::check_manifest(text.str());
  for (const auto& fault : faults) std::cerr << input << ": " << fault.where << ": " << fault.what << "\n";
  if (!faults.empty()) return 2;
  const json manifest = assay::manifest::strict_json(text.str());
  const bool good =
      (note.empty() || write(note, note_source(manifest.dump()))) && (ids.empty() || write(ids, ids_header(manifest)));
  return good ? 0 : 2;
}
