// When a test was made, in the time of the place where it was made; values with their units.
#include "moment.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

#include "core/zone.hpp"
#include "units.hpp"

using namespace assay;

TEST_CASE("a record's time is told as the station's clock on the wall showed it") {
  const core::Zone cet{"CET", 60}, nepal{"", 345}, newfoundland{"NST", -210}, utc{"UTC", 0};
  struct Row {
    const char* at;
    std::optional<core::Zone> zone;
    const char *language, *words;
  };
  for (const Row& row : {Row{"2026-11-25T15:40:12.000Z", cet, "en", "25 November 2026, 16:40 CET (UTC+1)"},
                         Row{"2026-11-25T15:40:12.000Z", cet, "nl", "25 november 2026, 16:40 CET (UTC+1)"},
                         Row{"2026-11-25T15:40:12.000Z", cet, "fi", "25. marraskuuta 2026 klo 16.40 CET (UTC+1)"},
                         Row{"2026-11-25T15:40:12.000Z", cet, "zh-Hans", "2026年11月25日 16:40 CET (UTC+1)"},
                         Row{"2026-11-25T15:40:12.000Z", std::nullopt, "en", "25 November 2026, 15:40 UTC"},
                         Row{"2026-11-25T15:40:12.000Z", utc, "en", "25 November 2026, 15:40 UTC"},
                         Row{"2026-12-31T23:30:00.000Z", cet, "en", "1 January 2027, 00:30 CET (UTC+1)"},
                         Row{"2026-03-01T01:00:00.000Z", newfoundland, "en", "28 February 2026, 21:30 NST (UTC-3:30)"},
                         Row{"2026-11-25T23:00:00.000Z", nepal, "en", "26 November 2026, 04:45 UTC+5:45"}}) {
    INFO(row.at << " " << row.language);
    CHECK(reports::moment(row.at, row.zone, reports::Language(row.language)) == row.words);
  }
  CHECK(reports::moment("yesterday", cet, reports::Language("en")) == "yesterday");
}

TEST_CASE("a zone is read from the system, and an absurd one from a record is none") {
  const char* given = std::getenv("TZ");
  const std::string before = given == nullptr ? "" : given;
  struct Row {
    const char *tz, *words;
  };
  const int64_t winter = int64_t{1'767'225'600} * 1'000'000'000;  // 1 January 2026, 00:00 UTC
  for (const Row& row : {Row{"CET-1", "CET (UTC+1)"}, Row{"UTC0", "UTC"}, Row{"<+0545>-5:45", "UTC+5:45"},
                         Row{"NST3:30", "NST (UTC-3:30)"}, Row{"nonsense/zone", "UTC"}}) {
    setenv("TZ", row.tz, 1);
    INFO(row.tz);
    CHECK_THAT(core::zone_words(core::zone_at(winter)),
               Catch::StartsWith(row.words) || Catch::Equals("nonsense (UTC)"));
  }
  if (given == nullptr)
    unsetenv("TZ");
  else
    setenv("TZ", before.c_str(), 1);
  tzset();
  CHECK(core::is_plausible({"CEST", 120}));
  for (const core::Zone& zone : {core::Zone{"CET", 100'000}, core::Zone{"CET", -2'000'000'000}, core::Zone{"<b>", 60},
                                 core::Zone{"ABCDEFGHI", 60}})
    CHECK_FALSE(core::is_plausible(zone));
}

TEST_CASE("values have the units of the language") {
  struct Row {
    double value;
    const char *unit, *en, *nl, *fi, *zh;
  };
  for (const Row& row :
       {Row{12.5, "%", "12.5 %", "12,5%", "12,5 %", "12.5%"}, Row{1.5, "ms", "1.5 ms", "1,5 ms", "1,5 ms", "1.5 毫秒"},
        Row{2, "s", "2 s", "2 s", "2 s", "2 秒"}, Row{1, "sensors", "1 sensor", "1 sensor", "1 anturi", "1 个传感器"},
        Row{3, "sensors", "3 sensors", "3 sensoren", "3 anturia", "3 个传感器"},
        Row{1200, "rpm", "1200 rpm", "1200 tpm", "1200 r/min", "1200 转/分"},
        Row{1000, "Mb/s", "1000 Mb/s", "1000 Mbit/s", "1000 Mbit/s", "1000 Mb/s"},
        Row{1610612736, "B", "1.5 GiB", "1,5 GiB", "1,5 GiB", "1.5 GiB"}, Row{0.5, "1", "0.5", "0,5", "0,5", "0.5"},
        Row{0.5, "widgets", "0.5 widgets", "0,5 widgets", "0,5 widgets", "0.5 widgets"}}) {
    INFO(row.value << " " << row.unit);
    const auto in = [&](const char* tag) { return reports::with_unit(row.value, row.unit, reports::Language(tag)); };
    CHECK(in("en") == row.en);
    CHECK(in("nl") == row.nl);
    CHECK(in("fi") == row.fi);
    CHECK(in("zh-Hans") == row.zh);
  }
}
