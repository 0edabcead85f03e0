// What the tables against peers are made of.
#pragma once

#include <map>
#include <string>

namespace assay::bench {

/// "1.23", or "-" where one of the two was not measured.
std::string ratio(double a, double b);
/// A line of a table, at once: the whole takes minutes.
void row(const std::string& what, const std::string& measured, const std::string& against, const std::string& of);

/// The measurements of a test as a run makes it, without proof: from its record.
std::map<std::string, double> measured(const std::string& test, const std::string& parameters,
                                       const std::string& target);

/// The table of the storage tests beside fio.
void storage_rows();

}  // namespace assay::bench
