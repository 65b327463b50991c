// Elementary functions of vectors of float32: no branch, no table, no call.
//
// Each is right to two units in the last place (a test looks), at 0, infinities, NaN and subnormal numbers too. Ranges
// are reduced in two steps (Cody & Waite 1980), the rest are polynomials whose largest relative error is the least of
// their degree (by Lawson's iteration; coefficients rounded to float32).
//
// Vectors are the compiler's own (GCC and Clang): c ? a : b chooses entry by entry, a comparison gives -1 or 0.

#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#if defined(__AVX512F__)
constexpr int WIDTH = 16;
#elif defined(__AVX2__)
constexpr int WIDTH = 8;
#else
constexpr int WIDTH = 4;
#endif

typedef float Real __attribute__((vector_size(4 * WIDTH)));
typedef int32_t Whole __attribute__((vector_size(4 * WIDTH))); // also what a comparison gives
typedef double Wide __attribute__((vector_size(8 * WIDTH)));
typedef int64_t WideWhole __attribute__((vector_size(8 * WIDTH)));
typedef float Anywhere __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

INLINE Real load(const float *x) { return *(const Anywhere *)x; }
INLINE void store(float *x, Real v) { *(Anywhere *)x = v; }
INLINE Real constant(float x) { return x - Real{}; }
INLINE Whole whole(int32_t x) { return x - Whole{}; }
INLINE Whole truth(bool x) { return whole(-(int32_t)x); }

// The first few of what is there; the rest is filled up with the last of them, a number that the formula takes.
INLINE Real load_some(const float *x, int64_t count) {
#if defined(__AVX512F__)
    return (Real)_mm512_mask_loadu_ps((__m512)constant(x[count - 1]), (__mmask16)((1 << count) - 1), x);
#else
    float some[WIDTH];
    for (int k = 0; k < WIDTH; k++) some[k] = x[k < count ? k : count - 1];
    return load(some);
#endif
}
INLINE void store_some(float *x, Real v, int64_t count) {
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(x, (__mmask16)((1 << count) - 1), (__m512)v);
#else
    for (int k = 0; k < count; k++) x[k] = v[k];
#endif
}
// The sum of the first few, in float64.
INLINE double sum_some(Real v, int64_t count) {
#if defined(__AVX512F__)
    __m512 some = _mm512_maskz_mov_ps((__mmask16)((1 << count) - 1), (__m512)v);
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(some));
    return _mm512_reduce_add_pd(_mm512_add_pd(low, _mm512_cvtps_pd(_mm512_extractf32x8_ps(some, 1))));
#else
    double total = 0.0;
    for (int k = 0; k < count; k++) total += v[k];
    return total;
#endif
}

// a * b + c, rounded once where the processor can.
INLINE Real fma(Real a, Real b, Real c) {
#if defined(__AVX512F__)
    return (Real)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__) && defined(__AVX2__)
    return (Real)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__ARM_NEON)
    return (Real)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}
INLINE Real fma(Real a, float b, Real c) { return fma(a, constant(b), c); }
INLINE Real fma(Real a, Real b, float c) { return fma(a, b, constant(c)); }
INLINE Real fma(Real a, float b, float c) { return fma(a, constant(b), constant(c)); }

INLINE Real absolute(Real x) { return (Real)((Whole)x & 0x7fffffff); }
INLINE Real sign(Real x) { return x > 0.0f ? constant(1.0f) : x < 0.0f ? constant(-1.0f) : x; }
// NaN where either is, as PyTorch's.
INLINE Real maximum(Real x, Real y) { return (x > y) | (x != x) ? x : y; }
INLINE Real minimum(Real x, Real y) { return (x < y) | (x != x) ? x : y; }

INLINE Real square_root(Real x) {
#if defined(__AVX512F__)
    return (Real)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX2__)
    return (Real)_mm256_sqrt_ps((__m256)x);
#else
    for (int k = 0; k < WIDTH; k++) x[k] = std::sqrt(x[k]);
    return x;
#endif
}

constexpr float LN2_HIGH = 0x1.62e4p-1f; // 15 bits: times a whole number below 512 it is exact
constexpr float LN2_LOW = 0x1.7f7d1cp-20f;
constexpr float ROUNDS = 0x1.8p23f; // added and taken away: the nearest whole number, whose bits are those of the sum

// x = n log 2 + r, |r| <= log(2) / 2.
struct Reduced {
    Whole n;
    Real r;
};
INLINE Reduced reduced(Real x) {
    Real shifted = fma(x, 0x1.715476p+0f, ROUNDS), k = shifted - ROUNDS;
    return {(Whole)shifted - (Whole)constant(ROUNDS), fma(k, -LN2_LOW, fma(k, -LN2_HIGH, x))};
}

// (e^r - 1 - r) / r^2
INLINE Real exp_rest(Real r) {
    Real p = fma(r, 0x1.6a21acp-10f, 0x1.123b6ap-7f);
    return fma(fma(fma(p, r, 0x1.5558fap-5f), r, 0x1.555490p-3f), r, 0x1.fffffcp-2f);
}

// x 2^n, for n from -150 (subnormal) to 128 (infinite).
INLINE Real scaled_by_2(Real x, Whole n) {
#if defined(__AVX512F__)
    return (Real)_mm512_scalef_ps((__m512)x, _mm512_cvtepi32_ps((__m512i)n));
#else
    Whole half = n >> 1; // in two factors, each of which is a normal number
    return x * (Real)((half + 127) << 23) * (Real)((n - half + 127) << 23);
#endif
}

INLINE Real exponential(Real x) {
    Real c = x > 89.0f ? constant(89.0f) : x; // comparisons this way round let NaN through
    auto [n, r] = reduced(c < -104.0f ? constant(-104.0f) : c);
    return scaled_by_2(1.0f + fma(r * r, exp_rest(r), r), n);
}

INLINE Real exponential_minus_1(Real x) {
    Real c = x > 89.0f ? constant(89.0f) : x;
    auto [n, r] = reduced(c < -25.0f ? constant(-25.0f) : c); // there it is -1
    Real m = fma(r * r, exp_rest(r), r), scale = (Real)((n + 126) << 23);
    Real y = n == 0 ? m : 2.0f * fma(m, scale, scale - 0.5f); // every digit near 0
    return x == 0.0f ? x : y;
}

// u = 2^e (1 + f), 1 + f in [2/3, 4/3).
struct Split {
    Whole e;
    Real f;
};
INLINE Split split(Real u) {
    Whole e = ((Whole)u - 0x3f2aaaab) >> 23;
    return {e, (Real)((Whole)u - (e << 23)) - 1.0f};
}

// log(1 + f) + k log 2
INLINE Real log_rest(Real f, Real k) {
    Real p = fma(f, -0x1.081048p-3f, 0x1.1e714ap-3f);
    p = fma(fma(p, f, -0x1.f30ccep-4f), f, 0x1.1ed522p-3f);
    p = fma(fma(p, f, -0x1.559df0p-3f), f, 0x1.99d044p-3f);
    p = fma(fma(p, f, -0x1.fffef0p-3f), f, 0x1.555506p-2f);
    Real f2 = f * f;
    return fma(k, LN2_HIGH, f + fma(k, LN2_LOW, fma(f2 * f, p, -0.5f * f2)));
}

INLINE Real logarithm(Real x) {
    Whole subnormal = x < 0x1p-126f;
    auto [e, f] = split(subnormal ? x * 0x1p23f : x);
    Real y = log_rest(f, __builtin_convertvector(e, Real) - (subnormal ? constant(23.0f) : constant(0.0f)));
    y = x < INFINITY ? y : x; // NaN too
    return x > 0.0f ? y : x == 0.0f ? constant(-INFINITY) : constant(NAN);
}

INLINE Real logarithm_of_1_plus(Real x) {
    Real u = 1.0f + x, lost = x - (u - 1.0f); // what rounding took
    auto [e, f] = split(u);
    Whole capped = e > 126 ? whole(126) : e; // where 2^-e is a number; nothing is lost from 30 on
    Real y = log_rest(fma(lost, (Real)((127 - capped) << 23), f), __builtin_convertvector(e, Real));
    y = x < INFINITY ? y : x; // NaN too
    return x > -1.0f ? y : x == -1.0f ? constant(-INFINITY) : constant(NAN);
}

// x^y for a constant y that is no whole number: in float64, since y multiplies the logarithm's error.
INLINE Real power(Real x, Real exponent) {
    Whole subnormal = x < 0x1p-126f;
    auto [e, small] = split(subnormal ? x * 0x1p23f : x);
    Real k = __builtin_convertvector(e, Real) - (subnormal ? constant(23.0f) : constant(0.0f));
    Wide f = __builtin_convertvector(small, Wide), y = __builtin_convertvector(exponent, Wide);
    Wide s = f / (2.0 + f), s2 = s * s; // log(1 + f) = 2 artanh(f / (2 + f)), |s| <= 1/5
    Wide series = ((((s2 / 13 + 1.0 / 11) * s2 + 1.0 / 9) * s2 + 1.0 / 7) * s2 + 1.0 / 5) * s2 + 1.0 / 3;
    Wide z = y * (__builtin_convertvector(k, Wide) + 2.885390081777926815 * (s + s * s2 * series)); // of base 2
    z = z > 129.0 ? 129.0 - Wide{} : z;
    z = z < -151.0 ? -151.0 - Wide{} : z;
    Wide magic = 0x1.8p52 - Wide{}, shifted = z + magic, r = (z - (shifted - magic)) * 0.693147180559945309;
    Wide p = (((r / 40320 + 1.0 / 5040) * r + 1.0 / 720) * r + 1.0 / 120) * r + 1.0 / 24;
    p = (((p * r + 1.0 / 6) * r + 0.5) * r + 1.0) * r + 1.0;
    Wide scale = (Wide)(((WideWhole)shifted - (WideWhole)magic + 1023) << 52);
    Real found = __builtin_convertvector(p * scale, Real);
    Real at_most = exponent > 0.0f ? constant(INFINITY) : constant(0.0f);
    found = absolute(x) == INFINITY ? at_most : found;
    found = x == 0.0f ? (exponent > 0.0f ? constant(0.0f) : constant(INFINITY)) : found;
    return (x >= 0.0f) | (x == -INFINITY) ? found : constant(NAN);
}
