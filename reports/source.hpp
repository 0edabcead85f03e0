// What the sections of a view are made from, and the names that they share.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "language.hpp"
#include "reports/view.hpp"

namespace assay::reports {

struct Source {
  Source(const journal::Record& record, const journal::Conclusion& conclusion, const journal::RunFiles& files,
         const Extras& extras);
  ~Source();

  const journal::Record& record;
  const journal::Conclusion& conclusion;
  const journal::RunFiles& files;
  const Extras& extras;
  Language l;
  std::unique_ptr<const nlohmann::json> machine;  // the inventory; an object, maybe empty

  std::string local(const core::LocalText& text) const { return core::in_language(text, l.tag()); }
  std::string test_title(const std::string& id) const;
  std::string subsystem_of(const std::string& test) const;
  std::string measurement_title(const std::string& test, const std::string& key) const;
  std::string limits(const core::Measurement& measurement) const;
  /// A target as people call it, in the report's language as far as Assay itself named it.
  std::string name_of(const core::Target& target) const;
  /// "Disk reading times, sda Disk 500".
  std::string test_and_target(const std::string& test, const core::Target& target) const;
};

/// The sections; each fills its part of the view.
void add_page_one(const Source& source, View& view);
void add_details(const Source& source, View& view);
void add_trials(const Source& source, View& view);
void add_figures(const Source& source, View& view);
void add_course(const Source& source, View& view);
void add_disks(const Source& source, View& view);
void add_memory(const Source& source, View& view);
void add_processor(const Source& source, View& view);
void add_seal(const Source& source, View& view);

}  // namespace assay::reports
