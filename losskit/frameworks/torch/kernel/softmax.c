/* Rows of logits: the value of each, and the gradient of their weighted sum, written over them if wanted.

    l = together * log(sum exp z) - chosen + z_loss * w * (log sum exp z)^2   with w the weight of the target's class,
    chosen = share * z_t + even * sum z,   together = share + even * C,   share = (1 - smoothing) * w.

The row is read from memory once: the second and third time it is in the cache. */

void cross_entropy(const float *logits, const int64_t *target, const float *weights, const float *scales, float smoothing,
                   float z_loss, float *values, float *gradients, long rows, long classes, int threads) {
    #pragma omp parallel for schedule(static) num_threads(threads) if (rows * classes > 16384)
    for (long row = 0; row < rows; row++) {
        const float *z = logits + row * classes;
        float *g = gradients ? gradients + row * classes : 0;
        long t = target[row];
        float w = weights ? weights[t] : 1.0f;
        float share = (1.0f - smoothing) * w, even = smoothing / classes;
        float together = share + smoothing;

        float top = -INFINITY;
        #pragma omp simd reduction(max : top)
        for (long k = 0; k < classes; k++) top = z[k] > top ? z[k] : top;
        float chosen = z[t] - top; /* before the gradient takes its place */

        /* exp(z - top) without the largest, which are 1: log1p of the rest keeps the digits of a sure prediction.
           Comparisons this way round let NaN through. Blocks are added in float64. */
        double rest = 0.0, below = 0.0;
        for (long start = 0; start < classes; start += 1024) {
            long end = start + 1024 < classes ? start + 1024 : classes;
            float sum = 0.0f, ties = 0.0f, distance = 0.0f;
            if (g) {
                #pragma omp simd reduction(+ : sum, ties, distance)
                for (long k = start; k < end; k++) {
                    float d = z[k] - top, e = exp32(d);
                    sum += d >= 0.0f ? 0.0f : e;
                    ties += d >= 0.0f ? 1.0f : 0.0f;
                    distance += d;
                    g[k] = e;
                }
            } else {
                #pragma omp simd reduction(+ : sum, ties, distance)
                for (long k = start; k < end; k++) {
                    float d = z[k] - top, e = exp32(d);
                    sum += d >= 0.0f ? 0.0f : e;
                    ties += d >= 0.0f ? 1.0f : 0.0f;
                    distance += d;
                }
            }
            rest += (double)sum + ties;
            below += distance;
        }
        rest -= 1.0;
        float log_total = log1p32((float)rest), normaliser = log_total + top;
        chosen *= share;
        if (smoothing != 0.0f) chosen += even * (float)below;
        float value = together * log_total - chosen, factor = together;
        if (z_loss != 0.0f) {
            value += z_loss * w * normaliser * normaliser;
            factor += 2.0f * z_loss * w * normaliser;
        }
        values[row] = value;
        if (g) {
            float scale = scales[row], slope = scale * factor / (float)(1.0 + rest), minus = scale * even;
            #pragma omp simd
            for (long k = 0; k < classes; k++) g[k] = slope * g[k] - minus;
            g[t] -= scale * share;
        }
    }
}
