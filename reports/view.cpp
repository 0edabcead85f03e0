#include "reports/view.hpp"

#include "source.hpp"

namespace assay::reports {

View make_view(const journal::Record& record, const journal::Conclusion& conclusion, const journal::RunFiles& files,
               const Extras& extras) {
  const Source source(record, conclusion, files, extras);
  View view;
  view.language = source.l.tag();
  view.run_id = record.start.run_id;
  add_page_one(source, view);
  add_details(source, view);
  add_course(source, view);
  add_disks(source, view);
  add_memory(source, view);
  add_processor(source, view);
  add_figures(source, view);
  add_trials(source, view);
  add_seal(source, view);
  return view;
}

}  // namespace assay::reports
