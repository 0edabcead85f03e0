// Whether a fault of one side could have been seen on the other: by the same test, with the same parameters, at the
// very place. Where nobody looked, nothing is gone.
#pragma once

#include <vector>

#include "reports/compare.hpp"

namespace assay::reports {

struct LookedAgain {
  enum class Answer {
    looked,            // there
    no_trial,          // its test was not made on this piece of hardware, or came to no end
    other_parameters,  // only with parameters that decide what can be found
    elsewhere,         // not all of the places where it was seen were tested
    in_part,           // only a part of the piece was tested, and where in it the fault lay is not known
    too_short,         // for less time than it took to show itself
    no_such_run        // it belongs to no test, and no whole run of the same plan was made that listened for it
  };
  Answer answer = Answer::no_trial;
  int times = 0;        // trials, or runs, that could have shown it and did not
  int same_recipe = 0;  // of these, trials with its very seed and parameters: only they count for the chance of luck
  size_t places = 0, places_reached = 0;
  double percent = 0;  // of in_part: the most that was covered
};

/// `fault` was found on the side `seen`; looks for it among the trials of `other`.
LookedAgain looked_again(const journal::Fault& fault, const std::vector<Compared>& seen,
                         const std::vector<Compared>& other);

/// What the kernel said is one fault, whatever ran meanwhile, or nothing did.
inline bool is_kernel(const journal::Fault& fault) { return fault.finding.origin == core::Origin::kernel; }

/// The same piece of hardware on both sides: by its serial number where it has one, since names change at a start.
std::string identity(const core::Target& target);

/// Where faults of this code were seen by this test on this piece of hardware.
std::vector<journal::Place> places_of(const journal::Fault& fault, const std::vector<Compared>& side);

}  // namespace assay::reports
