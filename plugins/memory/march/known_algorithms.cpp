// The march tests of the literature: A. J. van de Goor, "Using March Tests to Test SRAMs", IEEE Design & Test 10(1),
// 1993 (MATS to March Y, March A, B, C-); D. S. Suk and S. M. Reddy, 1981 (March A, B); van de Goor et al., 1996
// (March LR); S. Hamdioui, A. J. van de Goor, M. Rodgers, MTDT 2002 (March SS); S. Hamdioui, Z. Al-Ars, A. J. van de
// Goor, VTS 2002 (March RAW); G. Harutunyan, V. Vardanian, Y. Zorian, VTS 2005 (March MSS).
#include "march/algorithm.hpp"

namespace march {

const std::vector<Algorithm>& known_algorithms() {
  static const std::vector<Algorithm> all = [] {
    static constexpr std::pair<const char*, const char*> texts[] = {
        {"MSCAN", "{any(w0);any(r0);any(w1);any(r1)}"},
        {"MATS", "{any(w0);any(r0,w1);any(r1)}"},
        {"MATS+", "{any(w0);up(r0,w1);down(r1,w0)}"},
        {"MATS++", "{any(w0);up(r0,w1);down(r1,w0,r0)}"},
        {"March X", "{any(w0);up(r0,w1);down(r1,w0);any(r0)}"},
        {"March Y", "{any(w0);up(r0,w1,r1);down(r1,w0,r0);any(r0)}"},
        {"March C-", "{any(w0);up(r0,w1);up(r1,w0);down(r0,w1);down(r1,w0);any(r0)}"},
        {"PMOVI", "{down(w0);up(r0,w1,r1);up(r1,w0,r0);down(r0,w1,r1);down(r1,w0,r0)}"},
        {"March U", "{any(w0);up(r0,w1,r1,w0);up(r0,w1);down(r1,w0,r0,w1);down(r1,w0)}"},
        {"March LR", "{any(w0);down(r0,w1);up(r1,w0,r0,w1);up(r1,w0);up(r0,w1,r1,w0);up(r0)}"},
        {"March SR", "{down(w0);up(r0,w1,r1,w0);up(r0,r0);up(w1);down(r1,w0,r0,w1);down(r1,r1)}"},
        {"March A", "{any(w0);up(r0,w1,w0,w1);up(r1,w0,w1);down(r1,w0,w1,w0);down(r0,w1,w0)}"},
        {"March B", "{any(w0);up(r0,w1,r1,w0,r0,w1);up(r1,w0,w1);down(r1,w0,w1,w0);down(r0,w1,w0)}"},
        {"March MSS", "{any(w0);up(r0,r0,w1,w1);up(r1,r1,w0,w0);down(r0,r0,w1,w1);down(r1,r1,w0,w0);any(r0)}"},
        {"March SS",
         "{any(w0);up(r0,r0,w0,r0,w1);up(r1,r1,w1,r1,w0);down(r0,r0,w0,r0,w1);down(r1,r1,w1,r1,w0);any(r0)}"},
        {"March LA",
         "{any(w0);up(r0,w1,w0,w1,r1);up(r1,w0,w1,w0,r0);down(r0,w1,w0,w1,r1);down(r1,w0,w1,w0,r0);down(r0)}"},
        {"March G",
         "{any(w0);up(r0,w1,r1,w0,r0,w1);up(r1,w0,w1);down(r1,w0,w1,w0);down(r0,w1,w0);Del;any(r0,w1,r1);Del;any(r1,w0,"
         "r0)}"},
        {"March RAW",
         "{any(w0);up(r0,w0,r0,r0,w1,r1);up(r1,w1,r1,r1,w0,r0);down(r0,w0,r0,r0,w1,r1);down(r1,w1,r1,r1,w0,r0);any("
         "r0)}"},
    };
    std::vector<Algorithm> result;
    for (const auto& [name, text] : texts) {
      result.push_back(parse(text));
      result.back().name = name;
    }
    return result;
  }();
  return all;
}

}  // namespace march
