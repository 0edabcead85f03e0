// The matrix cases: Eigen has no known answers for a seed, so the cores are compared with each other.
#include <Eigen/Core>
#include <Eigen/SVD>

#include "library_cases.hpp"

namespace cpu {
namespace {

using Matrix = Eigen::MatrixXd;

/// How Eigen cuts its work into blocks, and so the order of its additions, depends on the sizes of the caches, and
/// these may differ from core to core. They are set once, for all.
void fix_the_order_of_work() {
  [[maybe_unused]] static const bool done = [] {
    Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20);
    return true;
  }();
}

/// Numbers of -1 to 1.
Matrix matrix_for(Numbers64& numbers, Eigen::Index rows, Eigen::Index columns) {
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i)
    matrix.data()[i] = static_cast<double>(static_cast<int64_t>(numbers.next())) * 0x1p-63;
  return matrix;
}

template <class Numbers>
std::string bytes_of(const Numbers& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()),
          static_cast<size_t>(numbers.size()) * sizeof(numbers.data()[0])};
}

}  // namespace

LibraryResult product_case(uint64_t seed, uint64_t index, const Touch& touch) {
  fix_the_order_of_work();
  Numbers64 numbers(seed, index);
  const Matrix a = matrix_for(numbers, 160, 160), b = matrix_for(numbers, 160, 160);
  LibraryResult result{{}, bytes_of(Matrix(a * b))};
  const Eigen::MatrixXf single = a.cast<float>() * b.cast<float>();
  result.bytes += bytes_of(single);
  touch(result.bytes);
  return result;
}

LibraryResult singular_values_case(uint64_t seed, uint64_t index, const Touch& touch) {
  fix_the_order_of_work();
  Numbers64 numbers(seed, index);
  const Eigen::BDCSVD<Matrix> svd(matrix_for(numbers, 64, 48), Eigen::ComputeThinU | Eigen::ComputeThinV);
  LibraryResult result{{}, bytes_of(svd.singularValues()) + bytes_of(svd.matrixU()) + bytes_of(svd.matrixV())};
  touch(result.bytes);
  return result;
}

}  // namespace cpu
