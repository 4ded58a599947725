// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that Metal's standard library lacks, and among them the error
// functions. With s = x^2 and t = 2 / (2 + x), for x >= 0:
//
//   erf(x)  = x + x R(s)               below 1, and 1 - erfc(x) from there on
//   erfc(x) = exp(-s) t Q(t)           from 1/2 on, and 1 - erf(x) below
//
// The polynomials R (degree 6, on [0, 1]) and Q (degree 8, for x up to 10.2)
// are minimax fits of the relative error, found by Lawson's iteration on
// Chebyshev nodes in double precision; their errors are 1.2e-9 and 8.7e-9.
// exp(-s) is corrected by the rounding error of s, which an `fma` gives
// exactly. In single precision that comes to 1 ulp for erf and 6 ulp for erfc.

#include "Prelude.h"

static constexpr char kErf[] = R"(
// erf(x) for |x| < 1, within 1 ulp.
template <typename T> T enigma_erf_near_zero(T x) {
    T s = x * x;
    T r = fma(T(7.853858e-05f), s, T(-0.00080101925f));
    r = fma(r, s, T(0.0051883277f));
    r = fma(r, s, T(-0.026853811f));
    r = fma(r, s, T(0.112835854f));
    r = fma(r, s, T(-0.37612626f));
    r = fma(r, s, T(0.12837917f));
    return fma(r, x, x);
}

// erfc(x) for x >= 1/2, within 6 ulp.
template <typename T> T enigma_erfc_tail(T x) {
    T t = 2.0f / (x + 2.0f);
    T q = fma(T(-0.06124538f), t, T(0.29632527f));
    q = fma(q, t, T(-0.51217675f));
    q = fma(q, t, T(0.3060135f));
    q = fma(q, t, T(-0.044812027f));
    q = fma(q, t, T(0.20976616f));
    q = fma(q, t, T(0.24149136f));
    q = fma(q, t, T(0.2825719f));
    q = fma(q, t, T(0.2820766f));
    T s = x * x;
    T e = select(fma(x, x, -s), T(0.0f), s > 120.0f);
    return precise::exp(-s) * (1.0f - e) * (t * q);
}
)";

static constexpr char kErfFunction[] = R"(
template <typename T> T enigma_erf(T x) {
    T a = fabs(x);
    T far = copysign(1.0f - enigma_erfc_tail(a), x);
    return select(far, enigma_erf_near_zero(x), a < 1.0f);
}
)";

static constexpr char kErfcFunction[] = R"(
template <typename T> T enigma_erfc(T x) {
    T tail = enigma_erfc_tail(fabs(x));
    T far = select(tail, 2.0f - tail, x < 0.0f);
    return select(far, 1.0f - enigma_erf_near_zero(x), fabs(x) < 0.5f);
}
)";

static constexpr char kPowi[] = R"(
// x multiplied by itself n times.
template <typename T, typename I> T enigma_powi(T x, I n) {
    T power = T(1.0f);
    while (any(n != I(0))) {
        power = select(power, power * x, (n & I(1)) != I(0));
        n = n >> I(1);
        x = select(x, x * x, n != I(0));
    }
    return power;
}
)";

void enigma::msl::printOwnFunctions(llvm::raw_ostream &os,
                                    const llvm::StringSet<> &used) {
  bool erf = used.contains("enigma_erf"), erfc = used.contains("enigma_erfc");
  if (erf || erfc)
    os << kErf;
  if (erf)
    os << kErfFunction;
  if (erfc)
    os << kErfcFunction;
  if (used.contains("enigma_powi"))
    os << kPowi;
}
