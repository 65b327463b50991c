// Rows of logits: the value of each, and the gradient of their weighted sum, written over them if wanted.
//
//   l = together * log(sum exp z) - chosen + z_loss * w * (log sum exp z)^2   with w the weight of the target's class,
//   chosen = share * z_t + even * sum z,   together = share + smoothing,   share = (1 - smoothing) * w.
//
// The row is read from memory once: the second and third time it is in the cache. Returns a row whose target is no
// class, -1 where there is none: nothing outside the logits is ever read.

struct Sums {
    double rest, below;
};

// Sum exp(z - top) without one of the largest, which are 1: log1p of the rest keeps the digits of a sure prediction.
template <bool KEPT, bool SMOOTHED> INLINE Sums exponentials(const float *z, float *g, float top, int64_t classes) {
    double less = 0.0, ties = 0.0, below = 0.0; // the largest are counted apart: beside 1 a small rest has no digits
    for (int64_t start = 0; start < classes; start += 64 * WIDTH) { // lanes add 64 numbers, float64 the rest
        int64_t end = start + 64 * WIDTH < classes ? start + 64 * WIDTH : classes, k = start;
        Real sum = {}, distance = {};
        Whole largest = {};
        for (; k + WIDTH <= end; k += WIDTH) {
            Real d = load(z + k) - top, e = exponential(d);
            Whole tied = d >= 0.0f; // this way round NaN is summed
            sum += tied ? constant(0.0f) : e;
            largest -= tied;
            if (SMOOTHED) distance += d;
            if (KEPT) store(g + k, e);
        }
        less += sum_some(sum, WIDTH);
        ties += sum_some(__builtin_convertvector(largest, Real), WIDTH);
        if (SMOOTHED) below += sum_some(distance, WIDTH);
        if (k < end) {
            int64_t count = end - k;
            Real d = load_some(z + k, count) - top, e = exponential(d);
            Whole tied = d >= 0.0f;
            less += sum_some(tied ? constant(0.0f) : e, count);
            ties += sum_some(tied ? constant(1.0f) : constant(0.0f), count);
            if (SMOOTHED) below += sum_some(d, count);
            if (KEPT) store_some(g + k, e, count);
        }
    }
    return {less + (ties - 1.0), below};
}

INLINE float largest(const float *z, int64_t classes) {
    Real top = constant(-INFINITY);
    int64_t k = 0;
    for (; k + WIDTH <= classes; k += WIDTH) {
        Real v = load(z + k);
        top = v > top ? v : top;
    }
    if (k < classes) {
        Real v = load_some(z + k, classes - k);
        top = v > top ? v : top;
    }
    float found = top[0];
    for (int j = 1; j < WIDTH; j++) found = top[j] > found ? top[j] : found;
    return found;
}

INLINE void scaled(float *g, float slope, float minus, int64_t classes) {
    int64_t k = 0;
    for (; k + WIDTH <= classes; k += WIDTH) store(g + k, slope * load(g + k) - minus);
    if (k < classes) store_some(g + k, slope * load_some(g + k, classes - k) - minus, classes - k);
}

extern "C" int64_t cross_entropy(const float *logits, const int64_t *target, const float *weights, const float *scales,
                              float scale, float smoothing, float z_loss, float *values, float *gradients, int64_t rows,
                              int64_t classes, int threads) {
    int64_t wrong = -1;
    #pragma omp parallel for schedule(static) num_threads(threads) if (rows * classes > 16384) reduction(max : wrong)
    for (int64_t row = 0; row < rows; row++) {
        const float *z = logits + row * classes;
        float *g = gradients ? gradients + row * classes : nullptr;
        int64_t t = target[row];
        if (t < 0 || t >= classes) {
            wrong = row;
            continue;
        }
        float w = weights ? weights[t] : 1.0f;
        float share = (1.0f - smoothing) * w, even = smoothing / classes, together = share + smoothing;
        float top = largest(z, classes), distance = z[t] - top; // before the gradient takes its place
        Sums sums = smoothing == 0.0f ? g ? exponentials<true, false>(z, g, top, classes)
                                          : exponentials<false, false>(z, g, top, classes)
                    : g ? exponentials<true, true>(z, g, top, classes)
                        : exponentials<false, true>(z, g, top, classes);
        float chosen = share * distance;
        if (smoothing != 0.0f) chosen += even * (float)sums.below;
        float log_total = logarithm_of_1_plus(constant((float)sums.rest))[0], normaliser = log_total + top;
        float value = together * log_total - chosen, factor = together;
        if (z_loss != 0.0f) {
            value += z_loss * w * normaliser * normaliser;
            factor += 2.0f * z_loss * w * normaliser;
        }
        values[row] = value;
        if (g) {
            // Of the target's own entry, factor p - share, what is left of p = 1 is the rest's.
            double total = 1.0 + sums.rest, own = g[t];
            double others = distance < 0.0f ? total - own : sums.rest;
            float s = scales ? scales[row] : scale;
            scaled(g, (float)(s * factor / total), s * even, classes);
            g[t] = (float)(s * (((factor - share) * own - share * others) / total - even));
        }
    }
    return wrong;
}
