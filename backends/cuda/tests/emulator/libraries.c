/* Stand-ins for cuBLAS, cuSOLVER and cuFFT, for tests of what calls them. They compute on the processor, in double precision, by the
 * definitions that NVIDIA's documents give: matrices in Fortran order, rows that are counted from one, and transforms without a division. */
#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef double complex number;

enum { OK = 0, INVALID = 7, R32 = 0, R64 = 1, C32 = 4, C64 = 5, UPPER = 1 };

static number load(const void *x, int kind, long i)
{
    switch (kind) {
    case R32: return ((const float *)x)[i];
    case R64: return ((const double *)x)[i];
    case C32: return ((const float complex *)x)[i];
    default: return ((const double complex *)x)[i];
    }
}

static void store(void *x, int kind, long i, number value)
{
    switch (kind) {
    case R32: ((float *)x)[i] = (float)creal(value); break;
    case R64: ((double *)x)[i] = creal(value); break;
    case C32: ((float complex *)x)[i] = (float complex)value; break;
    default: ((double complex *)x)[i] = value;
    }
}

/* With EMULATED_LOUD, each call that computes says so. */
static void say(const char *call)
{
    if (getenv("EMULATED_LOUD")) fprintf(stderr, "%s\n", call);
}

/* cuBLAS */

static void *stream_of_products;

int cublasCreate_v2(void **handle) { return *handle = &stream_of_products, OK; }
int cublasDestroy_v2(void *handle) { return handle == &stream_of_products ? OK : INVALID; }
int cublasSetStream_v2(void *handle, void *stream) { return handle == &stream_of_products ? (stream_of_products = stream, OK) : INVALID; }
/* Pedantic mathematics: without TF32. */
int cublasSetMathMode(void *handle, int mode) { return handle == &stream_of_products && mode == 2 ? OK : INVALID; }

int cublasGemmStridedBatchedEx(void *handle, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int a_kind, int lda,
                               long long a_stride, const void *b, int b_kind, int ldb, long long b_stride, const void *beta, void *c,
                               int c_kind, int ldc, long long c_stride, int count, int compute, int algorithm)
{
    int single = a_kind == R32 || a_kind == C32;
    if (!stream_of_products || handle != &stream_of_products || ta || tb || a_kind != b_kind || a_kind != c_kind) return INVALID;
    if (lda < m || ldb < k || ldc < m || compute != (single ? 69 : 71) || algorithm != -1) return INVALID;
    say("product");
    number one = load(alpha, a_kind, 0);
    if (load(beta, a_kind, 0) != 0) return INVALID;
    for (int batch = 0; batch < count; batch++) {
        for (int column = 0; column < n; column++) {
            for (int row = 0; row < m; row++) {
                number total = 0;
                for (int i = 0; i < k; i++) {
                    number x = load(a, a_kind, batch * a_stride + (long)i * lda + row);
                    number y = load(b, a_kind, batch * b_stride + (long)column * ldb + i);
                    /* By components: the operator of C mends infinities. */
                    double re = creal(x) * creal(y) - cimag(x) * cimag(y), im = creal(x) * cimag(y) + cimag(x) * creal(y);
                    total = CMPLX(creal(total) + re, cimag(total) + im);
                }
                store(c, a_kind, batch * c_stride + (long)column * ldc + row, one == 1 ? total : one * total);
            }
        }
    }
    return OK;
}

/* cuFFT */

static struct { int n, count, kind; void *stream; } plan;

int cufftPlanMany(int *out, int rank, int *n, int *inembed, int istride, int idist, int *onembed, int ostride, int odist, int kind, int count)
{
    if (rank != 1 || inembed || onembed || istride != 1 || ostride != 1 || idist != *n || odist != *n) return INVALID;
    plan.n = *n;
    plan.count = count;
    plan.kind = kind;
    plan.stream = NULL;
    *out = 42;
    return OK;
}

int cufftSetStream(int which, void *stream) { return which == 42 ? (plan.stream = stream, OK) : INVALID; }
int cufftDestroy(int which) { return which == 42 ? OK : INVALID; }

static int transform(int which, int kind, int elements, const void *from, void *to, int direction)
{
    if (which != 42 || plan.kind != kind || !plan.stream || from == to || (direction != 1 && direction != -1)) return INVALID;
    say("transform");
    for (long row = 0; row < plan.count; row++) {
        for (long k = 0; k < plan.n; k++) {
            number total = 0;
            for (long j = 0; j < plan.n; j++) {
                double angle = direction * 2 * 3.14159265358979323846 * (double)(j * k % plan.n) / plan.n;
                number x = load(from, elements, row * plan.n + j);
                total += CMPLX(creal(x) * cos(angle) - cimag(x) * sin(angle), creal(x) * sin(angle) + cimag(x) * cos(angle));
            }
            store(to, elements, row * plan.n + k, total);
        }
    }
    return OK;
}

int cufftExecC2C(int which, void *from, void *to, int direction) { return transform(which, 41, C32, from, to, direction); }
int cufftExecZ2Z(int which, void *from, void *to, int direction) { return transform(which, 105, C64, from, to, direction); }

/* cuSOLVER */

static void *stream_of_factors;
static int parameters;

int cusolverDnCreate(void **handle) { return *handle = &stream_of_factors, OK; }
int cusolverDnDestroy(void *handle) { return handle == &stream_of_factors ? OK : INVALID; }
int cusolverDnSetStream(void *handle, void *stream) { return handle == &stream_of_factors ? (stream_of_factors = stream, OK) : INVALID; }
int cusolverDnCreateParams(void **out) { return *out = &parameters, OK; }
int cusolverDnDestroyParams(void *given) { return given == &parameters ? OK : INVALID; }

/* Each asks for workspaces of its own size, which have to come back. */
static int asks(void *handle, void *given, size_t *device, size_t *host)
{
    *device = 96;
    *host = 64;
    return stream_of_factors && handle == &stream_of_factors && given == &parameters ? OK : INVALID;
}

static int has(const void *device, size_t on_device, const void *host, size_t on_host)
{
    return device && on_device == 96 && host && on_host == 64 ? OK : INVALID;
}

int cusolverDnXgetrf_bufferSize(void *handle, void *given, int64_t m, int64_t n, int kind, const void *a, int64_t lda, int compute, size_t *device, size_t *host)
{
    return m == n && lda == n && a && kind == compute ? asks(handle, given, device, host) : INVALID;
}

int cusolverDnXgetrf(void *handle, void *given, int64_t m, int64_t n, int kind, void *a, int64_t lda, int64_t *pivots, int compute, void *device,
                     size_t on_device, void *host, size_t on_host, int *info)
{
    (void)given, (void)compute;
    if (handle != &stream_of_factors || m != n || has(device, on_device, host, on_host)) return INVALID;
    say("lu");
    *info = 0;
    for (long j = 0; j < n; j++) {
        long best = j;
        for (long row = j + 1; row < n; row++) {
            if (cabs(load(a, kind, j * lda + row)) > cabs(load(a, kind, j * lda + best))) best = row;
        }
        pivots[j] = best + 1;
        for (long column = 0; column < n; column++) {
            number kept = load(a, kind, column * lda + j);
            store(a, kind, column * lda + j, load(a, kind, column * lda + best));
            store(a, kind, column * lda + best, kept);
        }
        number pivot = load(a, kind, j * lda + j);
        if (pivot == 0) {
            if (!*info) *info = (int)j + 1;
            continue;
        }
        for (long row = j + 1; row < n; row++) {
            number factor = load(a, kind, j * lda + row) / pivot;
            store(a, kind, j * lda + row, factor);
            for (long column = j + 1; column < n; column++) {
                store(a, kind, column * lda + row, load(a, kind, column * lda + row) - factor * load(a, kind, column * lda + j));
            }
        }
    }
    return OK;
}

int cusolverDnXpotrf_bufferSize(void *handle, void *given, int fill, int64_t n, int kind, const void *a, int64_t lda, int compute, size_t *device, size_t *host)
{
    return fill == UPPER && lda == n && a && kind == compute ? asks(handle, given, device, host) : INVALID;
}

/* The upper triangle becomes U with A = U^H U. */
int cusolverDnXpotrf(void *handle, void *given, int fill, int64_t n, int kind, void *a, int64_t lda, int compute, void *device, size_t on_device,
                     void *host, size_t on_host, int *info)
{
    (void)given, (void)compute;
    if (handle != &stream_of_factors || fill != UPPER || has(device, on_device, host, on_host)) return INVALID;
    say("cholesky");
    *info = 0;
    for (long row = 0; row < n; row++) {
        for (long column = row; column < n; column++) {
            number total = load(a, kind, column * lda + row);
            for (long k = 0; k < row; k++) total -= conj(load(a, kind, row * lda + k)) * load(a, kind, column * lda + k);
            if (column == row) {
                if (!(creal(total) > 0)) return *info = (int)row + 1, OK;
                store(a, kind, row * lda + row, sqrt(creal(total)));
            } else {
                store(a, kind, column * lda + row, total / load(a, kind, row * lda + row));
            }
        }
    }
    return OK;
}

int cusolverDnXsyevd_bufferSize(void *handle, void *given, int mode, int fill, int64_t n, int kind, const void *a, int64_t lda, int real, const void *values,
                                int compute, size_t *device, size_t *host)
{
    if (mode != 1 || fill != UPPER || lda != n || !a || !values || real != (kind & 1) || kind != compute) return INVALID;
    return asks(handle, given, device, host);
}

/* Jacobi's method on the upper triangle. The columns become the eigenvectors. */
int cusolverDnXsyevd(void *handle, void *given, int mode, int fill, int64_t n, int kind, void *a, int64_t lda, int real, void *values, int compute,
                     void *device, size_t on_device, void *host, size_t on_host, int *info)
{
    (void)given, (void)compute;
    if (handle != &stream_of_factors || mode != 1 || fill != UPPER || has(device, on_device, host, on_host)) return INVALID;
    say("hermitian");
    number *m = malloc((size_t)(n * n) * sizeof *m), *v = calloc((size_t)(n * n), sizeof *v);
    for (long row = 0; row < n; row++) {
        v[row * n + row] = 1;
        for (long column = row; column < n; column++) {
            number x = load(a, kind, column * lda + row);
            m[row * n + column] = row == column ? creal(x) : x;
            m[column * n + row] = conj(m[row * n + column]);
        }
    }
    for (int sweep = 0; sweep < 100; sweep++) {
        for (long p = 0; p < n; p++) {
            for (long q = p + 1; q < n; q++) {
                double size = cabs(m[p * n + q]);
                if (size < 1e-300) continue;
                number phase = conj(m[p * n + q]) / size;
                double ratio = (creal(m[q * n + q]) - creal(m[p * n + p])) / (2 * size);
                double t = (ratio < 0 ? -1 : 1) / (fabs(ratio) + hypot(ratio, 1)), c = 1 / hypot(t, 1), s = t * c;
                for (long i = 0; i < n; i++) {
                    number x = m[i * n + p], y = m[i * n + q] * phase, left = v[i * n + p], right = v[i * n + q] * phase;
                    m[i * n + p] = c * x - s * y;
                    m[i * n + q] = s * x + c * y;
                    v[i * n + p] = c * left - s * right;
                    v[i * n + q] = s * left + c * right;
                }
                for (long i = 0; i < n; i++) {
                    number x = m[p * n + i], y = m[q * n + i] * conj(phase);
                    m[p * n + i] = c * x - s * y;
                    m[q * n + i] = s * x + c * y;
                }
            }
        }
    }
    for (long j = 0; j < n; j++) {
        long best = j;
        for (long k = j + 1; k < n; k++) {
            if (creal(m[k * n + k]) < creal(m[best * n + best])) best = k;
        }
        number value = m[best * n + best];
        m[best * n + best] = m[j * n + j];
        m[j * n + j] = value;
        store(values, real, j, value);
        for (long i = 0; i < n; i++) {
            number kept = v[i * n + j];
            v[i * n + j] = v[i * n + best];
            v[i * n + best] = kept;
            store(a, kind, j * lda + i, v[i * n + j]);
        }
    }
    free(m);
    free(v);
    *info = 0;
    return OK;
}

int cusolverDnXgeqrf_bufferSize(void *handle, void *given, int64_t m, int64_t n, int kind, const void *a, int64_t lda, int tau_kind, const void *tau,
                                int compute, size_t *device, size_t *host)
{
    return n > 0 && lda == m && a && tau && kind == tau_kind && kind == compute ? asks(handle, given, device, host) : INVALID;
}

/* Householder's reflections, as LAPACK's geqr2 keeps them. */
int cusolverDnXgeqrf(void *handle, void *given, int64_t m, int64_t n, int kind, void *a, int64_t lda, int tau_kind, void *tau, int compute,
                     void *device, size_t on_device, void *host, size_t on_host, int *info)
{
    (void)given, (void)compute, (void)tau_kind;
    if (handle != &stream_of_factors || has(device, on_device, host, on_host)) return INVALID;
    say("qr");
    for (long j = 0; j < n && j < m; j++) {
        number alpha = load(a, kind, j * lda + j);
        double below = 0;
        for (long i = j + 1; i < m; i++) below = hypot(below, cabs(load(a, kind, j * lda + i)));
        if (below == 0 && cimag(alpha) == 0) {
            store(tau, kind, j, 0);
            continue;
        }
        double beta = -copysign(hypot(below, cabs(alpha)), creal(alpha));
        number factor = CMPLX((beta - creal(alpha)) / beta, -cimag(alpha) / beta);
        for (long i = j + 1; i < m; i++) store(a, kind, j * lda + i, load(a, kind, j * lda + i) / (alpha - beta));
        store(a, kind, j * lda + j, beta);
        store(tau, kind, j, factor);
        for (long column = j + 1; column < n; column++) {
            number total = load(a, kind, column * lda + j);
            for (long i = j + 1; i < m; i++) total += conj(load(a, kind, j * lda + i)) * load(a, kind, column * lda + i);
            total *= conj(factor);
            store(a, kind, column * lda + j, load(a, kind, column * lda + j) - total);
            for (long i = j + 1; i < m; i++) store(a, kind, column * lda + i, load(a, kind, column * lda + i) - load(a, kind, j * lda + i) * total);
        }
    }
    *info = 0;
    return OK;
}

/* The first n columns of the product of k reflections. */
static int columns_of_q(void *handle, int kind, int m, int n, int k, void *a, int lda, const void *tau, const void *work, int length, int *info)
{
    if (handle != &stream_of_factors || n > m || k > n || lda != m || !work || length != 12) return INVALID;
    say("columns");
    number *q = calloc((size_t)m * (size_t)n, sizeof *q);
    for (long j = 0; j < n; j++) q[j * m + j] = 1;
    for (long j = k - 1; j >= 0; j--) {
        for (long column = 0; column < n; column++) {
            number total = q[column * m + j];
            for (long i = j + 1; i < m; i++) total += conj(load(a, kind, j * lda + i)) * q[column * m + i];
            total *= load(tau, kind, j);
            q[column * m + j] -= total;
            for (long i = j + 1; i < m; i++) q[column * m + i] -= load(a, kind, j * lda + i) * total;
        }
    }
    for (long i = 0; i < (long)m * n; i++) store(a, kind, i, q[i]);
    free(q);
    *info = 0;
    return OK;
}

#define COLUMNS(name, kind)                                                                                                     \
    int name##_bufferSize(void *handle, int m, int n, int k, const void *a, int lda, const void *tau, int *length)              \
    {                                                                                                                           \
        *length = 12;                                                                                                           \
        return handle == &stream_of_factors && n <= m && k <= n && lda == m && a && tau ? OK : INVALID;                         \
    }                                                                                                                           \
    int name(void *handle, int m, int n, int k, void *a, int lda, const void *tau, void *work, int length, int *info)           \
    {                                                                                                                           \
        return columns_of_q(handle, kind, m, n, k, a, lda, tau, work, length, info);                                            \
    }

COLUMNS(cusolverDnSorgqr, R32)
COLUMNS(cusolverDnDorgqr, R64)
COLUMNS(cusolverDnCungqr, C32)
COLUMNS(cusolverDnZungqr, C64)

int cusolverDnXgesvd_bufferSize(void *handle, void *given, signed char jobu, signed char jobv, int64_t m, int64_t n, int kind, const void *a, int64_t lda,
                                int real, const void *s, int u_kind, const void *u, int64_t ldu, int v_kind, const void *v, int64_t ldv, int compute,
                                size_t *device, size_t *host)
{
    if (m < n || (jobu != 'A' && jobu != 'S') || jobv != 'A' || lda != m || ldu != m || ldv != n || !a || !s || !u || !v) return INVALID;
    if (real != (kind & 1) || u_kind != kind || v_kind != kind || compute != kind) return INVALID;
    return asks(handle, given, device, host);
}

/* Columns `first` and `second` of a matrix, of which the second is turned, are rotated. */
static void rotate(number *x, long rows, long first, long second, double c, double s, number phase)
{
    for (long i = 0; i < rows; i++) {
        number a = x[first * rows + i], b = x[second * rows + i] * phase;
        x[first * rows + i] = c * a - s * b;
        x[second * rows + i] = s * a + c * b;
    }
}

static number product_of(const number *a, const number *b, long count)
{
    number total = 0;
    for (long i = 0; i < count; i++) total += conj(a[i]) * b[i];
    return total;
}

/* One-sided rotations, and left vectors that are completed by what unit vectors have apart from the others. */
int cusolverDnXgesvd(void *handle, void *given, signed char jobu, signed char jobv, int64_t m, int64_t n, int kind, void *a, int64_t lda, int real, void *s,
                     int u_kind, void *u, int64_t ldu, int v_kind, void *v, int64_t ldv, int compute, void *device, size_t on_device, void *host,
                     size_t on_host, int *info)
{
    (void)given, (void)jobv, (void)lda, (void)u_kind, (void)ldu, (void)v_kind, (void)ldv, (void)compute;
    if (handle != &stream_of_factors || has(device, on_device, host, on_host)) return INVALID;
    say("singular");
    long kept = jobu == 'A' ? m : n;
    number *x = calloc((size_t)(m * m), sizeof *x), *w = calloc((size_t)(n * n), sizeof *w);
    for (long i = 0; i < m * n; i++) x[i] = load(a, kind, i);
    for (long j = 0; j < n; j++) w[j * n + j] = 1;
    for (int sweep = 0; sweep < 60; sweep++) {
        for (long p = 0; p < n; p++) {
            for (long q = p + 1; q < n; q++) {
                number common = product_of(x + p * m, x + q * m, m);
                double one = creal(product_of(x + p * m, x + p * m, m)), other = creal(product_of(x + q * m, x + q * m, m)), size = cabs(common);
                if (!(size > 1e-17 * sqrt(one) * sqrt(other)) || size < 1e-290) continue;
                double ratio = (other - one) / (2 * size), t = (ratio < 0 ? -1 : 1) / (fabs(ratio) + hypot(ratio, 1)), c = 1 / hypot(t, 1);
                rotate(x, m, p, q, c, t * c, conj(common) / size);
                rotate(w, n, p, q, c, t * c, conj(common) / size);
            }
        }
    }
    double most = 0;
    for (long j = 0; j < n; j++) {
        long best = j;
        for (long k = j + 1; k < n; k++) {
            if (creal(product_of(x + k * m, x + k * m, m)) > creal(product_of(x + best * m, x + best * m, m))) best = k;
        }
        if (best != j) {
            rotate(x, m, j, best, 0, 1, 1);
            rotate(w, n, j, best, 0, 1, 1);
        }
        double value = sqrt(creal(product_of(x + j * m, x + j * m, m)));
        if (j == 0) most = value;
        store(s, real, j, value);
        for (long i = 0; i < m && value > 1e-15 * most; i++) x[j * m + i] /= value;
        for (long i = 0; i < m && !(value > 1e-15 * most); i++) x[j * m + i] = 0;
    }
    for (long j = 0; j < kept; j++) {
        /* What is no unit vector yet becomes one. */
        for (long unit = 0; unit < m && !(cabs(product_of(x + j * m, x + j * m, m)) > 0.5); unit++) {
            for (long i = 0; i < m; i++) x[j * m + i] = i == unit;
            for (int again = 0; again < 2; again++) {
                for (long k = 0; k < kept; k++) {
                    if (k == j || (k > j && !(cabs(product_of(x + k * m, x + k * m, m)) > 0.5))) continue;
                    number held = product_of(x + k * m, x + j * m, m);
                    for (long i = 0; i < m; i++) x[j * m + i] -= held * x[k * m + i];
                }
            }
            double length = sqrt(creal(product_of(x + j * m, x + j * m, m)));
            for (long i = 0; i < m; i++) x[j * m + i] = length > 0.5 / sqrt((double)m) ? x[j * m + i] / length : 0;
        }
    }
    for (long i = 0; i < m * kept; i++) store(u, kind, i, x[i]);
    for (long row = 0; row < n; row++) {
        for (long column = 0; column < n; column++) store(v, kind, column * n + row, conj(w[row * n + column]));
    }
    free(x);
    free(w);
    *info = 0;
    return OK;
}
