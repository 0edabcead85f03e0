// March tests that a plan writes out.
#pragma once

#include "catalog/catalog.hpp"
#include "plan/plan.hpp"

namespace assay::app {

/// Throws core::BadInput with file, line, column and reason for a text that is no march test.
void check_march_texts(const plan::Plan& plan, const catalog::Catalog& catalog);

}  // namespace assay::app
