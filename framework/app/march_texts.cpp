#include "march_texts.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "march/algorithm.hpp"

namespace assay::app {

void check_march_texts(const plan::Plan& plan, const catalog::Catalog& catalog) {
  for (const plan::Stage& stage : plan.stages)
    for (const plan::PlanTest& use : stage.tests)
      for (const auto& [key, value] : use.parameters) {
        const auto found = catalog.find(use.use);
        const auto* parameter = found ? found.test->parameter(key) : nullptr;
        const auto* text = std::get_if<std::string>(&value);
        if (parameter == nullptr || parameter->syntax != "march" || text == nullptr) continue;
        try {
          const march::Algorithm algorithm = march::algorithm_of(*text);
          const bool reads = std::any_of(algorithm.elements.begin(), algorithm.elements.end(), [](const auto& element) {
            return std::any_of(element.operations.begin(), element.operations.end(),
                               [](const auto& operation) { return !operation.write; });
          });
          if (!reads)
            throw core::BadInput(use.places.at(key) + ": " + use.use + ": " + key +
                                 ": it reads nothing, so it can find nothing");
        } catch (const march::BadAlgorithm& bad) {
          throw core::BadInput(use.places.at(key) + ": " + use.use + ": " + key + ": " + bad.what());
        }
      }
}

}  // namespace assay::app
