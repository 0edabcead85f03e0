#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "../support/command.hpp"
#include "core/base64.hpp"
#include "core/durable_folder.hpp"
#include "core/errors.hpp"
#include "station/check.hpp"
#include "station/config.hpp"
#include "station/manifest.hpp"
#include "station/page_seal.hpp"
#include "station/pdf_seal.hpp"
#include "station/promises.hpp"

using namespace assay;
using station::Integrity;
using station::Key;
using test::Scratch;
using test::write_file;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

constexpr const char* page =
    "<html><body>\n<section id=\"page-one\">passed</section>\n<section id=\"trials\">t1</section>\n</body></html>";

struct SignedRun {
  Scratch work;
  std::string folder = work / "run";
  Key key = Key::load_or_make(work / "station");
  SignedRun() {
    write_file(folder + "/journal.jsonl", "{}\n");
    write_file(folder + "/record.json", "{\"result\":\"pass\"}");
    write_file(folder + "/artifacts/t1/map.json", "[]");
    station::write_manifest(core::DurableFolder(folder), "r1", "Bench 3", "2026-01-01T00:00:00.000Z", key);
  }
  station::Check check() const { return station::check_folder(folder, {key.public_key()}); }
};

}  // namespace

TEST_CASE("the station's key is made once, for its owner alone") {
  const Scratch work;
  const Key first = Key::load_or_make(work / "station"), second = Key::load_or_make(work / "station");
  CHECK(first.public_key() == second.public_key());
  CHECK(mode_of(work / "station/station.key") == 0600);
  CHECK(mode_of(work / "station/station.pub") == 0644);
  CHECK(first.public_key().verifies("text", second.sign("text")));
  CHECK_FALSE(first.public_key().verifies("texT", second.sign("text")));
  CHECK(station::PublicKey::from_pem(first.public_key().pem()) == first.public_key());
  CHECK(station::PublicKey::from_base64(first.public_key().base64()) == first.public_key());
  CHECK_FALSE(Key::load_or_make(work / "other").public_key() == first.public_key());
}

TEST_CASE("a station with a new key still knows what its old one signed") {
  const Scratch work;
  const auto old_key = Key::load_or_make(work.path()).public_key();
  std::filesystem::remove(work / "station.key");
  const auto new_key = Key::load_or_make(work.path()).public_key();
  CHECK_FALSE(old_key == new_key);
  const auto known = station::known_keys({work.path()});
  CHECK(std::find(known.begin(), known.end(), old_key) != known.end());
  CHECK(std::find(known.begin(), known.end(), new_key) != known.end());
}

TEST_CASE("a key that others can read, or that is none, is not used") {
  const Scratch work;
  Key::load_or_make(work / "open");
  chmod((work / "open/station.key").c_str(), 0644);
  CHECK_THROWS_AS(Key::load_or_make(work / "open"), core::Trouble);
  write_file(work / "odd/station.key", "no key");
  CHECK_THROWS_AS(Key::load_or_make(work / "odd"), core::Trouble);
}

TEST_CASE("a run's folder is whole, or it is said what was altered") {
  const SignedRun run;
  CHECK(run.check().integrity == Integrity::whole);
  CHECK(run.check().run_id == "r1");

  struct Case {
    const char* what;
    std::function<void(const std::string&)> alter;
    const char* said;
  };
  const Case cases[] = {
      {"a changed record", [](const std::string& f) { write_file(f + "/record.json", "{\"result\":\"fail\"}"); },
       "record.json: changed"},
      {"a changed artifact", [](const std::string& f) { write_file(f + "/artifacts/t1/map.json", "[1]"); },
       "artifacts/t1/map.json: changed"},
      {"a journal that is gone", [](const std::string& f) { std::filesystem::remove(f + "/journal.jsonl"); },
       "journal.jsonl: missing"},
      {"an artifact that was added", [](const std::string& f) { write_file(f + "/artifacts/t9.json", ""); },
       "artifacts/t9.json: added since"},
      {"a link in a file's place",
       [](const std::string& f) {
         std::filesystem::rename(f + "/record.json", f + "/../record.json");
         std::filesystem::create_symlink("../record.json", f + "/record.json");
       },
       "record.json: changed"},
      {"a changed manifest",
       [](const std::string& f) {
         std::string text = test::read_file(f + "/manifest.json");
         text.replace(text.find("\"r1\""), 4, "\"r2\"");
         write_file(f + "/manifest.json", text);
       },
       "manifest.json: it is not what was signed"},
      {"a manifest that is no JSON", [](const std::string& f) { write_file(f + "/manifest.json", "{{{"); },
       "manifest.json: it is not what was signed"},
      {"a signature of another text",
       [](const std::string& f) { write_file(f + "/manifest.sig", std::string(64, 'x')); },
       "manifest.json: it is not what was signed"}};
  for (const Case& c : cases) {
    const SignedRun other;
    c.alter(other.folder);
    INFO(c.what);
    const auto check = other.check();
    CHECK(check.integrity == Integrity::altered);
    REQUIRE_FALSE(check.altered.empty());
    CHECK(check.altered[0] == c.said);
  }
}

TEST_CASE("without a signature nobody vouches for a folder, whatever its manifest says") {
  const SignedRun run;
  std::filesystem::remove(run.folder + "/manifest.sig");
  CHECK(run.check().integrity == Integrity::unsigned_);
}

TEST_CASE("a manifest that leaves the record out vouches for nothing") {
  const SignedRun run;
  std::filesystem::remove(run.folder + "/record.json");
  station::write_manifest(core::DurableFolder(run.folder), "r1", "Bench 3", "", run.key);
  CHECK(run.check().altered == std::vector<std::string>{"record.json: was never signed"});
}

TEST_CASE("who signed it must be known") {
  const SignedRun run;
  CHECK(station::check_folder(run.folder, {}).integrity == Integrity::unknown_key);
  CHECK(station::check_folder(run.folder, {Key::load_or_make(run.work / "other").public_key()}).integrity ==
        Integrity::unknown_key);
  CHECK(station::check_folder(run.work / "nothing", {}).integrity == Integrity::unsigned_);
  // A key in trusted/ is known.
  write_file(run.work / "third/trusted/bench3.pub", run.key.public_key().pem());
  write_file(run.work / "third/trusted/odd.pub", "no key");
  CHECK(station::check_folder(run.folder, station::known_keys({run.work / "third"})).integrity == Integrity::whole);
}

TEST_CASE("a file beside the record that nobody signed is noted, and alters nothing") {
  const SignedRun run;
  write_file(run.folder + "/report.nl.html", "page");
  CHECK(run.check().integrity == Integrity::whole);
  CHECK(run.check().notes == std::vector<std::string>{"report.nl.html: added since"});
}

TEST_CASE("a page carries its own seal") {
  const Scratch work;
  const Key key = Key::load_or_make(work / "station");
  const std::string sealed = station::seal_page(page, {"r1", "Bench 3", "2026-01-01", "ab"}, key);
  const auto check = [&](const std::string& html) { return station::check_page(html, {key.public_key()}); };
  CHECK(check(sealed).integrity == Integrity::whole);
  CHECK(check(sealed).record_sha256 == "ab");
  CHECK(check(page).integrity == Integrity::unsigned_);
  CHECK(station::check_page(sealed, {}).integrity == Integrity::unknown_key);

  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string html = sealed;
    html.replace(html.find(from), from.size(), to);
    return check(html);
  };
  CHECK(changed("passed", "failed").altered == std::vector<std::string>{"section page-one: changed"});
  CHECK(changed("t1", "t2").altered == std::vector<std::string>{"section trials: changed"});
  CHECK(changed("<html>", "<html lang=\"en\">").altered == std::vector<std::string>{"head: changed"});
  CHECK(changed("\"statement\":\"", "\"statement\":\"AAAA").integrity == Integrity::altered);
  CHECK(changed("</body>", "<p>more</p></body>").integrity == Integrity::altered);
  CHECK(changed("<section id=\"trials\"", "<section id=\"new\"></section><section id=\"trials\"").integrity ==
        Integrity::altered);
  // What a seal brings along besides itself is no part of what was signed, nor is a seal in another place.
  std::string more = sealed;
  more.insert(more.find("\"statement\""), "\"x\":\"</script><h1>passed</h1><!--\",");
  CHECK(check(more).integrity == Integrity::altered);
  std::string moved = sealed;
  const size_t begin = moved.find("<script type=\"application/json\""), end = moved.find("</script>\n", begin) + 10;
  const std::string seal = moved.substr(begin, end - begin);
  moved.erase(begin, end - begin);
  CHECK(check(moved).integrity == Integrity::unsigned_);
  CHECK(check(seal + moved).integrity == Integrity::altered);
  // Base64 that no encoder writes.
  for (const char* odd : {"========", "A===", "AA=A", "====", "AB=="}) CHECK_FALSE(core::from_base64(odd));
  CHECK(changed("\"signature\":\"", "\"signature\":\"====").integrity == Integrity::altered);
  std::string carried;  // as an editor of another system saves it
  for (const char c : sealed) carried += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(check(carried).altered == std::vector<std::string>{"the seal: damaged"});
  // Another's seal is sound in itself, and not of a known key.
  const Key other = Key::load_or_make(work / "other");
  CHECK(check(station::seal_page("<html></body>", {"r1", "Bench 3", "", ""}, other)).integrity ==
        Integrity::unknown_key);
}

TEST_CASE("a station's configuration is checked before anything runs") {
  const Scratch work;
  CHECK_FALSE(station::load_config(work.path()).name.empty());
  write_file(work / "station.toml", "name = \"Bench 3\"\n[shop]\nname = \"Shop\"\nlogo = \"logo.png\"\n");
  CHECK_THROWS_WITH(station::load_config(work.path()), Catch::Contains("logo.png cannot be read"));
  write_file(work / "logo.png", "not a picture");
  CHECK_THROWS_WITH(station::load_config(work.path()), Catch::Contains("neither PNG, JPEG nor SVG"));
  write_file(work / "logo.png", "\x89PNG\r\n");
  CHECK(station::load_config(work.path()).shop_name == "Shop");
  write_file(work / "station.toml", "colour = \"red\"\n");
  CHECK_THROWS_WITH(station::load_config(work.path()), Catch::Contains("station.toml:1:"));
}

TEST_CASE("a PDF carries its seal behind its end, and readers still find that") {
  const std::string pdf = "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n9\n%%EOF\n";
  const Scratch work;
  const Key key = Key::load_or_make(work / "station");
  const std::string sealed = station::seal_pdf(pdf, {"r1", "Bench 3", "2026-01-01", "ab"}, key);
  const auto check = [&](const std::string& bytes) { return station::check_pdf(bytes, {key.public_key()}); };
  CHECK(check(sealed).integrity == Integrity::whole);
  CHECK(check(sealed).record_sha256 == "ab");
  CHECK(check(sealed).station == "Bench 3");
  CHECK(station::check_pdf(sealed, {}).integrity == Integrity::unknown_key);
  CHECK(check(pdf).integrity == Integrity::unsigned_);
  CHECK(sealed.rfind(pdf, 0) == 0);
  CHECK(sealed.substr(sealed.size() - 18) == "startxref\n9\n%%EOF\n");

  struct Case {
    const char* what;
    std::function<void(std::string&)> alter;
  };
  const Case cases[] = {
      {"a changed document", [](std::string& b) { b.replace(b.find("Catalog"), 7, "Katalog"); }},
      {"something before it", [](std::string& b) { b.insert(9, "%\n"); }},
      {"a later change behind the seal", [](std::string& b) { b += "2 0 obj\n<<>>\nendobj\nstartxref\n300\n%%EOF\n"; }},
      {"another end behind the seal", [](std::string& b) { b.replace(b.rfind("startxref\n9"), 11, "startxref\n8"); }},
      {"a changed statement", [](std::string& b) { b[b.find("statement\":\"") + 14] ^= 1; }},
      {"a seal that is no JSON", [](std::string& b) { b.replace(b.find("{\"statement"), 2, "[["); }},
      {"a seal that is cut off", [](std::string& b) { b.resize(b.size() - 40); }},
      {"a seal of another file", [&](std::string& b) {
         b = station::seal_pdf("%PDF-1.4\nstartxref\n9\n%%EOF\n", {"r2", "", "", ""}, key).replace(0, 9, "%PDF-1.5\n");
       }}};
  for (const Case& c : cases) {
    std::string altered = sealed;
    c.alter(altered);
    INFO(c.what);
    CHECK(check(altered).integrity == Integrity::altered);
  }
  // Without an end there is no place for a seal: the file stays as it is, and nobody calls it signed.
  CHECK(station::seal_pdf("%PDF-1.4 cut off", {"r1", "", "", ""}, key) == "%PDF-1.4 cut off");
}

TEST_CASE("what a run left as it is, is never altered: odd names, deep folders, links and pipes") {
  SignedRun run;
  const std::string folder = run.folder + "/artifacts/t1/";
  for (const char* name :
       {"a\\b", "\"quoted\"", "new\nline", "not utf-8 \xff\xfe", "\xe2\x80\xae over", "..x", " ", "\x7f"})
    write_file(folder + name, name);
  std::filesystem::create_symlink("/etc/hostname", folder + "link");
  REQUIRE(mkfifo((folder + "pipe").c_str(), 0600) == 0);
  std::string deep = folder;
  for (int i = 0; i < 70; ++i) deep += "d/";
  write_file(deep + "file", "x");
  station::write_manifest(core::DurableFolder(run.folder), "r1", "Bench 3", "", run.key);
  const auto check = run.check();
  INFO((check.altered.empty() ? "" : check.altered[0]));
  CHECK(check.integrity == Integrity::whole);
  write_file(folder + "not utf-8 \xff\xfe", "changed");
  CHECK(run.check().altered == std::vector<std::string>{"artifacts/t1/not utf-8 \xff\xfe: changed"});
}

TEST_CASE("two hundred thousand artifacts are signed and checked") {
  const SignedRun run;
  const core::DurableFolder artifacts(run.folder + "/artifacts/t1");
  for (int i = 0; i < 200'000; ++i) {
    const std::string name = "a-name-of-some-length-as-plugins-give-them-" + std::to_string(i);
    const core::UniqueFd file(openat(artifacts.fd(), name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    REQUIRE(write(file.get(), "x", 1) == 1);
  }
  station::write_manifest(core::DurableFolder(run.folder), "r1", "Bench 3", "", run.key);
  const auto check = run.check();
  CHECK(check.integrity == Integrity::whole);
  CHECK(check.files.size() == 200'003);
}

TEST_CASE("signing can be cut off anywhere and done again, and its own leftovers are no part of it") {
  const SignedRun run;
  struct Case {
    const char* what;
    std::vector<const char*> gone, left;
  };
  const Case cases[] = {
      {"before anything", {"manifest.sig", "manifest.json"}, {}},
      {"in the manifest", {"manifest.sig", "manifest.json"}, {"manifest.json.new", "record.json.new"}},
      {"before the signature", {"manifest.sig"}, {}},
      {"in the signature", {"manifest.sig"}, {"manifest.sig.new", "live.json.new", "live.json"}},
      {"of another signing", {}, {"report.html.new"}}};
  for (const Case& c : cases) {
    INFO(c.what);
    for (const char* file : c.gone) std::filesystem::remove(run.folder + "/" + file);
    for (const char* file : c.left) write_file(run.folder + "/" + file, "half");
    if (!c.gone.empty()) CHECK(run.check().integrity == Integrity::unsigned_);
    station::write_manifest(core::DurableFolder(run.folder), "r1", "Bench 3", "", run.key);
    CHECK(run.check().integrity == Integrity::whole);
    CHECK(run.check().notes.empty());
    CHECK_THAT(test::read_file(run.folder + "/manifest.json"), !Catch::Contains(".new"));
  }
}

TEST_CASE("a file is written whole or not at all, and nobody else's is overwritten") {
  const Scratch work;
  const core::DurableFolder folder(work.path());
  folder.write("a", "one");
  folder.write("a", "two");
  CHECK(test::read_file(work / "a") == "two");
  // Through a link nothing is written: the link is replaced.
  write_file(work / "else", "kept");
  std::filesystem::create_symlink("else", work / "b");
  folder.write("b", "own");
  CHECK(test::read_file(work / "else") == "kept");
  CHECK(test::read_file(work / "b") == "own");
  // What a cut-off write left is in nobody's way, a link there neither.
  std::filesystem::create_symlink("else", work / "c.new");
  folder.write("c", "own");
  CHECK(test::read_file(work / "else") == "kept");
  CHECK_FALSE(std::filesystem::exists(work / "c.new"));
  // The folder is this one, whoever puts another in its place.
  const Scratch other;
  std::filesystem::create_directory(other / "run");
  const core::DurableFolder held(other / "run");
  std::filesystem::rename(other / "run", other / "moved");
  std::filesystem::create_directory(other / "run");
  held.write("d", "x");
  CHECK(std::filesystem::exists(other / "moved/d"));
  CHECK_FALSE(std::filesystem::exists(other / "run/d"));
  if (geteuid() == 0) {
    write_file(work / "theirs", "kept");
    REQUIRE(chown((work / "theirs").c_str(), 12345, 12345) == 0);
    CHECK_THROWS_WITH(folder.write("theirs", "x"), Catch::Contains("theirs belongs to another user (uid 12345)"));
    CHECK(test::read_file(work / "theirs") == "kept");
  }
}

TEST_CASE("a station remembers what it has promised of a run, and nothing of what is no run of Assay") {
  const Scratch work;
  const std::string id = "0123456789abcdef", hash(64, 'a'), later(64, 'b');
  CHECK_FALSE(station::Promises::of(work.path(), id));
  station::Promises(work.path(), id).keep(7, hash);
  station::Promises(work.path(), id).keep(12, later);
  const auto kept = station::Promises::of(work.path(), id);
  REQUIRE(kept);
  CHECK(kept->number == 12);
  CHECK(kept->hash == later);
  for (const char* odd : {"", "../../../etc/x", "0123456789ABCDEF", "0123456789abcde"}) {
    station::Promises(work.path(), odd).keep(1, hash);
    CHECK_FALSE(station::Promises::of(work.path(), odd));
  }
  for (const char* torn : {"", "0000", "0000000000000000000x aaaa", "99999999999999999999 "}) {
    write_file(work / ("runs/" + id), torn);
    CHECK_FALSE(station::Promises::of(work.path(), id));
  }
}
