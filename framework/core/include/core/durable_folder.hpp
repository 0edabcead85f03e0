// A folder that is held by its descriptor, whoever renames it meanwhile, and files in it that are whole or not there.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/unique_fd.hpp"

namespace assay::core {

/// What is written here is on the disk when the call returns, under its name and whole; a kill or a power cut before
/// that leaves what was there, and at most FILE.new beside it, which the next write or sweep() takes away. Errors are
/// core::Trouble and name the file. One writer at a time.
class DurableFolder {
 public:
  /// Throws core::BadInput when no folder is there.
  explicit DurableFolder(const std::string& path);

  int fd() const { return folder_.get(); }
  /// As the user gave it, for messages.
  const std::string& name() const { return name_; }
  /// Leads to this very folder while this object lives, in this process.
  std::string path() const;

  /// `file`: a name, no path. A file that belongs to another user is not replaced; of a link the link is.
  void write(const std::string& file, const std::string& bytes) const;
  /// Gone when it returns; nothing happens when it is not there.
  void remove(const std::string& file) const;
  /// Takes away what a cut-off write() left of `file`.
  void sweep(const std::string& file) const;
  /// Returns when the names in this folder are on the disk.
  void sync() const;
  /// Returns when everything on its file system is.
  void sync_contents() const;

 private:
  UniqueFd folder_;
  std::string name_;
};

/// Makes a folder with those above it, so that they are there after a power cut. Throws core::BadInput with `what`
/// before the path when it cannot be made.
void make_durable_folders(const std::string& path, const std::string& what);

}  // namespace assay::core
