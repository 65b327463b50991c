/* Elementary functions of float32 that a compiler turns into vector code: no branch, no table, no call.

Each is right to two units in the last place (a test looks), at 0, infinities, NaN and subnormal numbers too. Ranges are
reduced in two steps (Cody & Waite 1980), the rest are polynomials whose largest relative error is the least of their
degree (Remez's condition, by Lawson's iteration; coefficients rounded to float32). */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE float as_float(int32_t i) { float x; memcpy(&x, &i, 4); return x; }
INLINE int32_t as_int(float x) { int32_t i; memcpy(&i, &x, 4); return i; }

/* A library call where the machine has no such instruction would end the vector code. */
INLINE float fma32(float a, float b, float c) {
#ifdef FP_FAST_FMAF
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

#define LN2_HIGH 0x1.62e4p-1f /* 15 bits: times a whole number below 512 it is exact */
#define LN2_LOW 0x1.7f7d1cp-20f
#define ROUNDS 0x1.8p23f /* added and taken away: the nearest whole number, whose bits are those of the sum */

/* (e^r - 1 - r) / r^2 for |r| <= log(2) / 2. */
INLINE float exp_rest(float r) {
    float p = 0x1.6a21acp-10f;
    p = fma32(p, r, 0x1.123b6ap-7f);
    p = fma32(p, r, 0x1.5558fap-5f);
    p = fma32(p, r, 0x1.555490p-3f);
    return fma32(p, r, 0x1.fffffcp-2f);
}

INLINE float exp32(float x) {
    /* Comparisons this way round let NaN through. */
    float c = x > 89.0f ? 89.0f : x;
    c = c < -104.0f ? -104.0f : c;
    float shifted = fma32(c, 0x1.715476p+0f, ROUNDS);
    float k = shifted - ROUNDS;
    int32_t n = as_int(shifted) - as_int(ROUNDS);
    float r = fma32(k, -LN2_LOW, fma32(k, -LN2_HIGH, c));
    float p = 1.0f + fma32(r * r, exp_rest(r), r);
    int32_t half = n >> 1; /* 2^n in two factors: n reaches from -150 (subnormal) to 128 (infinite) */
    return p * as_float((half + 127) << 23) * as_float((n - half + 127) << 23);
}

INLINE float expm132(float x) {
    float c = x > 89.0f ? 89.0f : x;
    c = c < -25.0f ? -25.0f : c; /* there it is -1 */
    float shifted = fma32(c, 0x1.715476p+0f, ROUNDS);
    float k = shifted - ROUNDS;
    int32_t n = as_int(shifted) - as_int(ROUNDS);
    float r = fma32(k, -LN2_LOW, fma32(k, -LN2_HIGH, c));
    float m = fma32(r * r, exp_rest(r), r);
    float scale = as_float((n - 1 + 127) << 23);
    float y = 2.0f * fma32(m, scale, scale - 0.5f);
    y = n == 0 ? m : y; /* every digit near 0 */
    return x == 0.0f ? x : y;
}

/* log(1 + f) for f in [-1/3, 1/3], plus k log 2. */
INLINE float log_rest(float f, float k) {
    float p = -0x1.081048p-3f;
    p = fma32(p, f, 0x1.1e714ap-3f);
    p = fma32(p, f, -0x1.f30ccep-4f);
    p = fma32(p, f, 0x1.1ed522p-3f);
    p = fma32(p, f, -0x1.559df0p-3f);
    p = fma32(p, f, 0x1.99d044p-3f);
    p = fma32(p, f, -0x1.fffef0p-3f);
    p = fma32(p, f, 0x1.555506p-2f);
    float f2 = f * f;
    float rest = fma32(k, LN2_LOW, fma32(f2 * f, p, -0.5f * f2));
    return fma32(k, LN2_HIGH, f + rest);
}

INLINE float log32(float x) {
    int subnormal = x < 0x1p-126f;
    float u = subnormal ? x * 0x1p23f : x;
    int32_t e = (as_int(u) - 0x3f2aaaab) >> 23; /* 2^e nearest in this sense: u / 2^e lies in [2/3, 4/3) */
    float f = as_float(as_int(u) - (e << 23)) - 1.0f;
    float k = (float)e - (subnormal ? 23.0f : 0.0f);
    float y = log_rest(f, k);
    y = x == INFINITY ? x : y;
    y = x == 0.0f ? -INFINITY : y;
    return x >= 0.0f ? y : NAN;
}

INLINE float log1p32(float x) {
    float u = 1.0f + x;
    float lost = x - (u - 1.0f); /* what rounding took */
    int32_t e = (as_int(u) - 0x3f2aaaab) >> 23;
    float f = as_float(as_int(u) - (e << 23)) - 1.0f;
    f = e > 30 ? f : fma32(lost, as_float((127 - e) << 23), f); /* beyond, nothing is lost */
    float y = u == 1.0f ? x - 0.5f * x * x : log_rest(f, (float)e);
    y = x == INFINITY ? x : y;
    y = x == -1.0f ? -INFINITY : y;
    return x >= -1.0f ? y : NAN;
}

INLINE float sign32(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }

/* x^y for a constant y that is no whole number: in float64, since y multiplies the logarithm's error. */
INLINE float pow32(float x, float y) {
    int subnormal = x < 0x1p-126f;
    float u = subnormal ? x * 0x1p23f : x;
    int32_t e = (as_int(u) - 0x3f2aaaab) >> 23;
    double f = (double)as_float(as_int(u) - (e << 23)) - 1.0;
    double s = f / (2.0 + f), s2 = s * s; /* log(1 + f) = 2 artanh(f / (2 + f)), |s| <= 1/5 */
    double series = 1.0 / 13;
    series = series * s2 + 1.0 / 11;
    series = series * s2 + 1.0 / 9;
    series = series * s2 + 1.0 / 7;
    series = series * s2 + 1.0 / 5;
    series = series * s2 + 1.0 / 3;
    double k = (double)e - (subnormal ? 23.0 : 0.0);
    double z = (double)y * (k + 2.885390081777926815 * (s + s * s2 * series)); /* of base 2 */
    z = z > 129.0 ? 129.0 : z;
    z = z < -151.0 ? -151.0 : z;
    double shifted = z + 0x1.8p52;
    int64_t bits, rounds;
    double magic = 0x1.8p52;
    memcpy(&bits, &shifted, 8);
    memcpy(&rounds, &magic, 8);
    double r = (z - (shifted - magic)) * 0.693147180559945309;
    double p = 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    bits = (bits - rounds + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, 8);
    float found = (float)(p * scale);
    found = x == INFINITY ? (y > 0.0f ? INFINITY : 0.0f) : found;
    found = x == 0.0f ? (y > 0.0f ? 0.0f : INFINITY) : found;
    return x >= 0.0f ? found : NAN;
}

/* NaN where either is, as PyTorch's. */
INLINE float maximum32(float x, float y) { return x > y || x != x ? x : y; }
INLINE float minimum32(float x, float y) { return x < y || x != x ? x : y; }
