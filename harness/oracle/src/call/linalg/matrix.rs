//! Small dense matrices in twice the precision of a double: products, norms, and the decompositions that judge the results of a library.

use array_assay_interface::{Array, DType, Element};

use super::double::{Complex, Double, ROUNDOFF, exponent_of};

/// A matrix. Its elements are stored by rows.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Matrix {
    pub rows: usize,
    pub columns: usize,
    elements: Vec<Complex>,
}

/// A matrix times a power of two. The scale is such that the greatest element of the matrix is near one.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Scaled {
    pub matrix: Matrix,
    pub exponent: i32,
}

impl std::ops::Index<(usize, usize)> for Matrix {
    type Output = Complex;

    fn index(&self, (i, j): (usize, usize)) -> &Complex {
        &self.elements[i * self.columns + j]
    }
}

impl std::ops::IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut Complex {
        &mut self.elements[i * self.columns + j]
    }
}

/// The matrices of a stack, in C order. Each has the last two axes of the array.
pub fn stack(array: &Array) -> Vec<Matrix> {
    let [outer @ .., rows, columns] = &array.shape[..] else { return Vec::new() };
    vectors(array, outer.iter().product(), *rows, *columns)
}

/// The vectors along the last axis, as matrices with one column.
pub fn stacked_vectors(array: &Array) -> Vec<Matrix> {
    let [outer @ .., length] = &array.shape[..] else { return Vec::new() };
    vectors(array, outer.iter().product(), *length, 1)
}

fn vectors(array: &Array, count: usize, rows: usize, columns: usize) -> Vec<Matrix> {
    let all: Vec<Complex> = array.elements().map(number).collect();
    let of = |k: usize| Matrix { rows, columns, elements: all[k * rows * columns..(k + 1) * rows * columns].to_vec() };
    (0..count).map(of).collect()
}

/// The element as a complex number.
pub fn number(element: Element) -> Complex {
    let (re, im) = element.components();
    Complex::new(re, im)
}

/// An array from a stack of matrices, vectors or numbers, whose elements are given one after the other.
pub fn array_of(dtype: DType, shape: Vec<usize>, elements: impl Iterator<Item = Complex>) -> Array {
    Array::from_elements(dtype, shape, elements.map(|z| Element::C128(z.re.value(), z.im.value()).cast(dtype)))
}

impl Matrix {
    /// A matrix from a function of row and column.
    pub fn new(rows: usize, columns: usize, element: impl Fn(usize, usize) -> Complex) -> Matrix {
        let elements = (0..rows * columns).map(|k| element(k / columns.max(1), k % columns.max(1))).collect();
        Matrix { rows, columns, elements }
    }

    /// The identity matrix, with ones on the diagonal of a matrix that need not be square.
    pub fn identity(rows: usize, columns: usize) -> Matrix {
        Matrix::new(rows, columns, |i, j| if i == j { Complex::ONE } else { Complex::ZERO })
    }

    /// A matrix with these numbers on its diagonal.
    pub fn diagonal(rows: usize, columns: usize, numbers: &[Complex]) -> Matrix {
        Matrix::new(rows, columns, |i, j| if i == j { numbers.get(i).copied().unwrap_or_default() } else { Complex::ZERO })
    }

    /// The elements by rows.
    pub fn elements(&self) -> impl Iterator<Item = Complex> + '_ {
        self.elements.iter().copied()
    }

    /// The elements of column `j`.
    pub fn column(&self, j: usize) -> Vec<Complex> {
        (0..self.rows).map(|i| self[(i, j)]).collect()
    }

    /// Whether no element is infinite or NaN.
    pub fn is_finite(&self) -> bool {
        self.elements.iter().all(|z| z.is_finite())
    }

    /// The conjugate transpose.
    pub fn adjoint(&self) -> Matrix {
        Matrix::new(self.columns, self.rows, |i, j| self[(j, i)].conj())
    }

    /// The product `self * other`.
    pub fn times(&self, other: &Matrix) -> Matrix {
        Matrix::new(self.rows, other.columns, |i, j| (0..self.columns).fold(Complex::ZERO, |sum, k| sum + self[(i, k)] * other[(k, j)]))
    }

    /// The difference `self - other`.
    pub fn minus(&self, other: &Matrix) -> Matrix {
        Matrix::new(self.rows, self.columns, |i, j| self[(i, j)] - other[(i, j)])
    }

    /// The matrix times a power of two.
    pub fn scale(&self, exponent: i32) -> Matrix {
        Matrix::new(self.rows, self.columns, |i, j| self[(i, j)].scale(exponent))
    }

    /// The matrix of the moduli of the elements.
    pub fn moduli(&self) -> Matrix {
        Matrix::new(self.rows, self.columns, |i, j| self[(i, j)].abs().into())
    }

    /// The 1-norm: the greatest column sum of moduli.
    pub fn norm1(&self) -> f64 {
        let sum = |j: usize| (0..self.rows).fold(Double::ZERO, |sum, i| sum + self[(i, j)].abs()).value();
        greatest((0..self.columns).map(sum))
    }

    /// The Frobenius norm: the square root of the sum of the squared moduli.
    pub fn frobenius(&self) -> Double {
        self.elements.iter().fold(Double::ZERO, |sum, z| sum + z.norm()).sqrt()
    }

    /// The greatest modulus of a real or imaginary part.
    pub fn greatest(&self) -> f64 {
        greatest(self.elements.iter().flat_map(|z| [z.re.value().abs(), z.im.value().abs()]))
    }

    /// The matrix as a power of two times a matrix whose greatest element is near one.
    pub fn scaled(&self) -> Scaled {
        let exponent = exponent_of(self.greatest());
        Scaled { matrix: self.scale(-exponent), exponent }
    }

    /// The inverse, by Gauss-Jordan elimination with partial pivoting. It is `None` if a pivot is zero.
    pub fn inverse(&self) -> Option<Matrix> {
        self.solve(&Matrix::identity(self.rows, self.rows))
    }

    /// The solution `X` of `self X = right`. It is `None` if a pivot is zero.
    pub fn solve(&self, right: &Matrix) -> Option<Matrix> {
        let (n, mut a, mut x) = (self.rows, self.clone(), right.clone());
        for k in 0..n {
            let pivot = (k..n).max_by(|i, j| a[(*i, k)].abs().value().total_cmp(&a[(*j, k)].abs().value()))?;
            if a[(pivot, k)].abs().value() == 0.0 {
                return None;
            }
            a.swap_rows(k, pivot);
            x.swap_rows(k, pivot);
            let head = a[(k, k)];
            for i in (0..n).filter(|i| *i != k) {
                let factor = a[(i, k)] / head;
                if factor == Complex::ZERO {
                    continue;
                }
                (k..n).for_each(|j| a[(i, j)] = a[(i, j)] - factor * a[(k, j)]);
                (0..x.columns).for_each(|j| x[(i, j)] = x[(i, j)] - factor * x[(k, j)]);
            }
        }
        Some(Matrix::new(n, x.columns, |i, j| x[(i, j)] / a[(i, i)]))
    }

    fn swap_rows(&mut self, i: usize, j: usize) {
        if i != j {
            for k in 0..self.columns {
                self.elements.swap(i * self.columns + k, j * self.columns + k);
            }
        }
    }

    /// The lower triangular factor of a Hermitian positive definite matrix. It is `None` for any other matrix.
    pub fn cholesky(&self) -> Option<Matrix> {
        let n = self.rows;
        let mut l = Matrix::new(n, n, |_, _| Complex::ZERO);
        for j in 0..n {
            let rest = (0..j).fold(self[(j, j)].re, |rest, k| rest - l[(j, k)].norm());
            if rest.value().is_nan() || rest.value() <= 0.0 {
                return None;
            }
            let head = rest.sqrt();
            l[(j, j)] = head.into();
            for i in j + 1..n {
                let rest = (0..j).fold(self[(i, j)], |rest, k| rest - l[(i, k)] * l[(j, k)].conj());
                l[(i, j)] = Complex { re: rest.re / head, im: rest.im / head };
            }
        }
        Some(l)
    }

    /// Rotates the rows `i` and `j` so that `self[(j, column)]` vanishes. It is `None` if that element is zero already. Both rows have to
    /// be zero before that column.
    fn turn_rows(&mut self, i: usize, j: usize, column: usize) -> Option<Turn> {
        let (a, b) = (self[(i, column)], self[(j, column)]);
        if b == Complex::ZERO {
            return None;
        }
        let turn = Turn::new(a, b)?;
        turn.turn_rows(self, i, j, column);
        self[(j, column)] = Complex::ZERO;
        Some(turn)
    }

    /// The factors `(Q, R)` of the matrix: `Q` is unitary, and `R` is upper triangular with a real diagonal.
    pub fn qr(&self) -> (Matrix, Matrix) {
        let (mut q, mut r) = (Matrix::identity(self.rows, self.rows), self.clone());
        for j in 0..self.columns {
            for i in (j + 1..self.rows).rev() {
                if let Some(turn) = r.turn_rows(i - 1, i, j) {
                    turn.turn_columns_back(&mut q, i - 1, i);
                }
            }
            if j < self.rows {
                let phase = r[(j, j)].phase();
                (0..r.columns).for_each(|k| r[(j, k)] = r[(j, k)] * phase.conj());
                (0..q.rows).for_each(|k| q[(k, j)] = q[(k, j)] * phase);
                r[(j, j)] = r[(j, j)].re.into();
            }
        }
        (q, r)
    }

    /// The first `count` columns.
    pub fn leading_columns(&self, count: usize) -> Matrix {
        Matrix::new(self.rows, count, |i, j| self[(i, j)])
    }

    /// The first `count` rows.
    pub fn leading_rows(&self, count: usize) -> Matrix {
        Matrix::new(count, self.columns, |i, j| self[(i, j)])
    }

    /// The reduced decomposition: `U`, the singular values in descending order, and `V^H`. One-sided Jacobi rotations (Hestenes 1958; de
    /// Rijk 1989 for the complex case) find small singular values of scaled matrices to high relative accuracy.
    pub fn svd(&self) -> (Matrix, Vec<Double>, Matrix) {
        if self.rows < self.columns {
            let (u, s, vh) = self.adjoint().svd();
            return (vh.adjoint(), s, u.adjoint());
        }
        let n = self.columns;
        let (mut a, mut v) = (self.clone(), Matrix::identity(n, n));
        // The floor is well below the size that counts as zero in the end, so that all columns above that size are made orthogonal.
        let floor = (1e-3 * NOISE * self.frobenius().value()).powi(2);
        for _ in 0..SWEEPS {
            let mut turned = false;
            for p in 0..n {
                for q in p + 1..n {
                    turned |= a.orthogonalize(p, q, floor, &mut v);
                }
            }
            if !turned {
                break;
            }
        }
        let norms: Vec<Double> = (0..n).map(|j| a.column(j).iter().fold(Double::ZERO, |sum, z| sum + z.norm()).sqrt()).collect();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|i, j| norms[*j].value().total_cmp(&norms[*i].value()));
        let top = order.first().map_or(0.0, |i| norms[*i].value());
        let mut columns: Vec<Vec<Complex>> = Vec::new();
        for j in &order {
            let norm = norms[*j];
            // A column that consists of rounding errors has no direction of its own.
            columns.push(if norm.value() > top * NOISE {
                a.column(*j).iter().map(|z| Complex { re: z.re / norm, im: z.im / norm }).collect()
            } else {
                orthogonal_to(&columns, self.rows)
            });
        }
        let u = Matrix::new(self.rows, n, |i, j| columns[j][i]);
        let vh = Matrix::new(n, n, |i, j| v[(j, order[i])].conj());
        (u, order.iter().map(|j| norms[*j]).collect(), vh)
    }

    /// The singular values in descending order, in the precision of doubles. Bounds need no more, and the cost is a tenth of
    /// [`Matrix::svd`].
    pub fn singular_values(&self) -> Vec<f64> {
        if self.rows < self.columns {
            return self.adjoint().singular_values();
        }
        let column = |j: usize| (0..self.rows).map(|i| (self[(i, j)].re.value(), self[(i, j)].im.value())).collect();
        let mut columns: Vec<Vec<(f64, f64)>> = (0..self.columns).map(column).collect();
        let length = |column: &[(f64, f64)]| column.iter().map(|(re, im)| re * re + im * im).sum::<f64>();
        for _ in 0..SWEEPS {
            let mut turned = false;
            for q in 1..columns.len() {
                let (left, right) = columns.split_at_mut(q);
                for p in left {
                    turned |= orthogonalized(p, &mut right[0], length);
                }
            }
            if !turned {
                break;
            }
        }
        let mut values: Vec<f64> = columns.iter().map(|column| length(column).sqrt()).collect();
        values.sort_by(|a, b| b.total_cmp(a));
        values
    }

    /// Rotates the columns `p` and `q` to make them orthogonal, and the same columns of `v` with them. Returns whether that was necessary.
    /// Columns whose squared length is below the floor stay as they are, since rounding errors have no meaningful angle.
    fn orthogonalize(&mut self, p: usize, q: usize, floor: f64, v: &mut Matrix) -> bool {
        let (mut alpha, mut beta, mut gamma) = (Double::ZERO, Double::ZERO, Complex::ZERO);
        for i in 0..self.rows {
            let (x, y) = (self[(i, p)], self[(i, q)]);
            (alpha, beta, gamma) = (alpha + x.norm(), beta + y.norm(), gamma + x.conj() * y);
        }
        let modulus = gamma.abs();
        if alpha.value() < floor || beta.value() < floor || modulus.value() <= 16.0 * ROUNDOFF * (alpha.value() * beta.value()).sqrt() {
            return false;
        }
        let rotation = Rotation::new(alpha, beta, gamma);
        rotation.turn_columns(self, p, q);
        rotation.turn_columns(v, p, q);
        true
    }

    /// The eigenvalues of a Hermitian matrix, and its eigenvectors as columns, by cyclic Jacobi rotations.
    pub fn eigh(&self) -> (Vec<Double>, Matrix) {
        let n = self.rows;
        let (mut a, mut v) = (self.clone(), Matrix::identity(n, n));
        let small = ROUNDOFF * self.frobenius().value();
        for _ in 0..SWEEPS {
            let mut turned = false;
            for p in 0..n {
                for q in p + 1..n {
                    if a[(p, q)].abs().value() <= small {
                        continue;
                    }
                    turned = true;
                    let rotation = Rotation::new(a[(p, p)].re, a[(q, q)].re, a[(p, q)]);
                    rotation.turn_columns(&mut a, p, q);
                    rotation.turn_rows(&mut a, p, q);
                    rotation.turn_columns(&mut v, p, q);
                }
            }
            if !turned {
                break;
            }
        }
        ((0..n).map(|i| a[(i, i)].re).collect(), v)
    }

    /// A unitary `Z` and an upper triangular `T` with `self = Z T Z^H`, by the shifted QR algorithm (Golub and Van Loan, section 7.5). It
    /// is `None` if the algorithm does not converge.
    pub fn schur(&self) -> Option<(Matrix, Matrix)> {
        self.triangularized(Matrix::identity(self.rows, self.rows))
    }

    /// The triangular `T` of the Schur decomposition, without `Z`.
    pub fn schur_form(&self) -> Option<Matrix> {
        self.triangularized(Matrix::identity(0, self.rows)).map(|(_, triangular)| triangular)
    }

    /// Reduces this matrix to triangular form. Returns `z` with the same column rotations applied, and the triangular matrix.
    fn triangularized(&self, mut z: Matrix) -> Option<(Matrix, Matrix)> {
        let (n, mut h) = (self.rows, self.clone());
        for j in 0..n.saturating_sub(2) {
            for i in (j + 2..n).rev() {
                // The row rotation makes an element of the lower row vanish. The column rotation keeps the eigenvalues.
                if let Some(turn) = h.turn_rows(i - 1, i, j) {
                    turn.turn_columns_back(&mut h, i - 1, i);
                    turn.turn_columns_back(&mut z, i - 1, i);
                }
            }
        }
        let small = ROUNDOFF * self.frobenius().value();
        let (mut end, mut steps) = (n, 0);
        while end > 1 {
            let below = h[(end - 1, end - 2)].abs().value();
            let beside = h[(end - 1, end - 1)].abs().value() + h[(end - 2, end - 2)].abs().value();
            if below <= ROUNDOFF * beside || below <= small {
                h[(end - 1, end - 2)] = Complex::ZERO;
                (end, steps) = (end - 1, 0);
                continue;
            }
            let start = (1..end - 1).rev().find(|i| h[(*i, i - 1)].abs().value() <= small).unwrap_or(0);
            steps += 1;
            if steps > STEPS {
                return None;
            }
            // Every tenth shift is an exceptional one. It helps with matrices that the ordinary shifts do not change.
            let shift = if steps % 10 == 0 { h[(end - 1, end - 1)] + Complex::new(below, below / 2.0) } else { h.shift(end) };
            h.qr_step(start, end, shift, &mut z);
        }
        Some((z, h))
    }

    /// The eigenvalue of the last two by two block that is nearer to the block's last element (Wilkinson's shift).
    fn shift(&self, end: usize) -> Complex {
        let (a, b) = (self[(end - 2, end - 2)], self[(end - 2, end - 1)]);
        let (c, d) = (self[(end - 1, end - 2)], self[(end - 1, end - 1)]);
        let half = (a - d).times(Double::from(0.5));
        let root = (half * half + b * c).sqrt();
        let (first, second) = (half + root, half - root);
        if first.abs().value() < second.abs().value() { d + first } else { d + second }
    }

    /// One step of the QR algorithm on the rows and columns from `start` to `end`.
    fn qr_step(&mut self, start: usize, end: usize, shift: Complex, z: &mut Matrix) {
        let n = self.rows;
        for i in 0..n {
            self[(i, i)] = self[(i, i)] - shift;
        }
        let mut turns = Vec::new();
        for k in start..end - 1 {
            let Some(turn) = Turn::new(self[(k, k)], self[(k + 1, k)]) else { continue };
            turn.turn_rows(self, k, k + 1, k);
            self[(k + 1, k)] = Complex::ZERO;
            turns.push((k, turn));
        }
        for (k, turn) in turns {
            // The elements below these rows are zero, so the rotation stops there.
            turn.turn_upper_columns_back(self, k, k + 1, k + 2);
            turn.turn_columns_back(z, k, k + 1);
        }
        for i in 0..n {
            self[(i, i)] = self[(i, i)] + shift;
        }
    }

    /// The eigenvalues, and the eigenvectors as columns of length one. It is `None` if the QR algorithm does not converge. Some
    /// eigenvectors of a defective matrix are nearly the same.
    pub fn eig(&self) -> Option<(Vec<Complex>, Matrix)> {
        let (z, t) = self.schur()?;
        let n = self.rows;
        let small = Double::from((ROUNDOFF * t.frobenius().value()).max(f64::MIN_POSITIVE));
        let mut y = Matrix::new(n, n, |_, _| Complex::ZERO);
        for k in 0..n {
            y[(k, k)] = Complex::ONE;
            for i in (0..k).rev() {
                let sum = (i + 1..=k).fold(Complex::ZERO, |sum, j| sum + t[(i, j)] * y[(j, k)]);
                let apart = t[(k, k)] - t[(i, i)];
                let apart = if apart.abs().value() < small.value() { small.into() } else { apart };
                y[(i, k)] = sum / apart;
                // Only the direction of the vector matters, so it may be scaled.
                let size = y[(i, k)].abs().value();
                if size > 1e100 {
                    let exponent = -exponent_of(size);
                    (i..=k).for_each(|j| y[(j, k)] = y[(j, k)].scale(exponent));
                }
            }
        }
        let v = z.times(&y);
        let norms: Vec<Double> = (0..n).map(|j| v.column(j).iter().fold(Double::ZERO, |sum, z| sum + z.norm()).sqrt()).collect();
        let v = Matrix::new(n, n, |i, j| Complex { re: v[(i, j)].re / norms[j], im: v[(i, j)].im / norms[j] });
        Some(((0..n).map(|k| t[(k, k)]).collect(), v))
    }

    /// A square matrix: the orthonormal columns of this one, followed by further ones.
    pub fn completed(&self) -> Matrix {
        let mut columns: Vec<Vec<Complex>> = (0..self.columns).map(|j| self.column(j)).collect();
        while columns.len() < self.rows {
            let next = orthogonal_to(&columns, self.rows);
            columns.push(next);
        }
        Matrix::new(self.rows, self.rows, |i, j| columns[j][i])
    }
}

/// The greatest number of sweeps over all pairs of columns. A few suffice, because the convergence is quadratic in the end.
const SWEEPS: usize = 60;

/// A column of this size, relative to the largest column, counts as zero.
const NOISE: f64 = 1e-27;

/// The greatest number of QR steps for one eigenvalue.
const STEPS: usize = 300;

/// A unitary matrix of two rows and columns that maps `(a, b)` to `(modulus, 0)`.
struct Turn {
    c: Complex,
    s: Complex,
}

impl Turn {
    /// The matrix for `(a, b)`. It is `None` if both are zero.
    fn new(a: Complex, b: Complex) -> Option<Turn> {
        let modulus = (a.norm() + b.norm()).sqrt();
        let over = |z: Complex| Complex { re: z.re / modulus, im: z.im / modulus };
        (modulus != Double::ZERO).then(|| Turn { c: over(a), s: over(b) })
    }

    /// Applies the matrix to the rows `i` and `j`, from the column `from` on.
    fn turn_rows(&self, m: &mut Matrix, i: usize, j: usize, from: usize) {
        for k in from..m.columns {
            let (x, y) = (m[(i, k)], m[(j, k)]);
            m[(i, k)] = self.c.conj() * x + self.s.conj() * y;
            m[(j, k)] = self.c * y - self.s * x;
        }
    }

    /// Applies the inverse to the columns `i` and `j`.
    fn turn_columns_back(&self, m: &mut Matrix, i: usize, j: usize) {
        self.turn_upper_columns_back(m, i, j, m.rows);
    }

    /// Applies the inverse to the columns `i` and `j` of the first `rows` rows.
    fn turn_upper_columns_back(&self, m: &mut Matrix, i: usize, j: usize, rows: usize) {
        for k in 0..rows {
            let (x, y) = (m[(k, i)], m[(k, j)]);
            m[(k, i)] = self.c * x + self.s * y;
            m[(k, j)] = self.c.conj() * y - self.s.conj() * x;
        }
    }
}

/// A rotation that makes two columns orthogonal, or makes an off-diagonal element of a Hermitian matrix vanish.
struct Rotation {
    cosine: Double,
    sine: Double,
    phase: Complex,
}

impl Rotation {
    /// The rotation for a Hermitian matrix of two rows, with `alpha` and `beta` on its diagonal and `gamma` above it.
    fn new(alpha: Double, beta: Double, gamma: Complex) -> Rotation {
        let zeta = (beta - alpha).value() / (2.0 * gamma.abs().value());
        let sign = if zeta < 0.0 { -1.0 } else { 1.0 };
        let tangent = Double::from(if zeta.is_finite() { sign / (zeta.abs() + zeta.hypot(1.0)) } else { 0.0 });
        // The angle needs only the precision of a double, because the next sweep corrects it. The rotation itself has to be unitary.
        let cosine = Double::ONE / (Double::ONE + tangent * tangent).sqrt();
        Rotation { cosine, sine: cosine * tangent, phase: gamma.phase() }
    }

    fn turn_columns(&self, m: &mut Matrix, p: usize, q: usize) {
        for i in 0..m.rows {
            let (x, y) = (m[(i, p)], m[(i, q)] * self.phase.conj());
            m[(i, p)] = x.times(self.cosine) - y.times(self.sine);
            m[(i, q)] = x.times(self.sine) + y.times(self.cosine);
        }
    }

    fn turn_rows(&self, m: &mut Matrix, p: usize, q: usize) {
        for j in 0..m.columns {
            let (x, y) = (m[(p, j)], m[(q, j)] * self.phase);
            m[(p, j)] = x.times(self.cosine) - y.times(self.sine);
            m[(q, j)] = x.times(self.sine) + y.times(self.cosine);
        }
    }
}

/// Rotates two columns of doubles to make them orthogonal. Returns whether that was necessary.
fn orthogonalized(p: &mut [(f64, f64)], q: &mut [(f64, f64)], length: impl Fn(&[(f64, f64)]) -> f64) -> bool {
    let (alpha, beta) = (length(p), length(q));
    let product = |(a, b): (&(f64, f64), &(f64, f64))| (a.0 * b.0 + a.1 * b.1, a.0 * b.1 - a.1 * b.0);
    let (re, im) = p.iter().zip(&*q).map(product).fold((0.0, 0.0), |sum, z| (sum.0 + z.0, sum.1 + z.1));
    let modulus = f64::hypot(re, im);
    if modulus <= 8.0 * f64::EPSILON * (alpha * beta).sqrt() || modulus < f64::MIN_POSITIVE {
        return false;
    }
    let zeta = (beta - alpha) / (2.0 * modulus);
    let tangent = if zeta < 0.0 { -1.0 } else { 1.0 } / (zeta.abs() + zeta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let (sine, phase) = (cosine * tangent, (re / modulus, im / modulus));
    for (x, y) in p.iter_mut().zip(q) {
        let turned = (y.0 * phase.0 + y.1 * phase.1, y.1 * phase.0 - y.0 * phase.1);
        *y = (x.0 * sine + turned.0 * cosine, x.1 * sine + turned.1 * cosine);
        *x = (x.0 * cosine - turned.0 * sine, x.1 * cosine - turned.1 * sine);
    }
    true
}

/// A vector of length one that is orthogonal to the given orthonormal columns. It is the remainder of the unit vector that is farthest from
/// their span.
fn orthogonal_to(columns: &[Vec<Complex>], rows: usize) -> Vec<Complex> {
    let spanned = |i: usize| columns.iter().fold(0.0, |sum, column| sum + column[i].norm().value());
    let least = (0..rows).min_by(|i, j| spanned(*i).total_cmp(&spanned(*j))).unwrap_or(0);
    let mut v: Vec<Complex> = (0..rows).map(|i| if i == least { Complex::ONE } else { Complex::ZERO }).collect();
    for _ in 0..2 {
        for column in columns {
            let share = column.iter().zip(&v).fold(Complex::ZERO, |sum, (c, z)| sum + c.conj() * *z);
            v.iter_mut().zip(column).for_each(|(z, c)| *z = *z - share * *c);
        }
        let norm = v.iter().fold(Double::ZERO, |sum, z| sum + z.norm()).sqrt();
        v.iter_mut().for_each(|z| *z = Complex { re: z.re / norm, im: z.im / norm });
    }
    v
}

/// The greatest of several numbers. It is NaN if any of them is NaN.
pub fn greatest(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |most, v| if most.is_nan() || v.is_nan() { f64::NAN } else { most.max(v) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix of fixed numbers without structure.
    fn sample(rows: usize, columns: usize, complex: bool) -> Matrix {
        Matrix::new(rows, columns, |i, j| {
            let t = (i * 7 + j * 13 + 5) as f64;
            Complex::new((t * t * 0.37).sin(), if complex { (t * t * 0.53).cos() } else { 0.0 })
        })
    }

    fn close(a: &Matrix, b: &Matrix) {
        let error = a.minus(b).norm1();
        assert!(error < 1e4 * ROUNDOFF, "{error:e}");
    }

    fn orthonormal(q: &Matrix) {
        close(&q.adjoint().times(q), &Matrix::identity(q.columns, q.columns));
    }

    #[test]
    fn decompositions_give_the_matrix_back() {
        for (rows, columns, complex) in
            [(5, 5, false), (6, 3, true), (3, 6, true), (1, 4, false), (12, 12, true), (0, 3, false), (3, 0, true)]
        {
            let a = sample(rows, columns, complex);
            let (q, r) = a.qr();
            close(&q.times(&r), &a);
            orthonormal(&q);
            let (u, s, vh) = a.svd();
            let k = s.len();
            let diagonal = Matrix::diagonal(k, k, &s.iter().map(|s| Complex::from(*s)).collect::<Vec<_>>());
            close(&u.times(&diagonal).times(&vh), &a);
            orthonormal(&u);
            orthonormal(&vh.adjoint());
            orthonormal(&u.completed());
            assert!(s.windows(2).all(|pair| pair[0].value() >= pair[1].value()));
        }
    }

    #[test]
    fn eigenvalues_and_vectors_fulfil_their_equation() {
        for (n, complex) in [(1, true), (4, false), (7, true), (12, false)] {
            let a = sample(n, n, complex);
            let (values, v) = a.eig().unwrap();
            close(&a.times(&v), &v.times(&Matrix::diagonal(n, n, &values)));
            let hermitian = Matrix::new(n, n, |i, j| a[(i, j)] + a[(j, i)].conj());
            let (values, v) = hermitian.eigh();
            let values: Vec<Complex> = values.into_iter().map(Complex::from).collect();
            close(&hermitian.times(&v), &v.times(&Matrix::diagonal(n, n, &values)));
            orthonormal(&v);
            close(&a.inverse().unwrap().times(&a), &Matrix::identity(n, n));
            let definite = a.adjoint().times(&a);
            let l = definite.cholesky().unwrap();
            close(&l.times(&l.adjoint()), &definite);
        }
        // The eigenvalues of a Jordan block are all equal. Those of a cyclic permutation are the roots of unity.
        let jordan =
            Matrix::new(5, 5, |i, j| if i == j { Complex::new(2.0, 0.0) } else { Complex::new(f64::from(u8::from(j == i + 1)), 0.0) });
        let (values, v) = jordan.eig().unwrap();
        assert!(values.iter().all(|v| (*v - Complex::new(2.0, 0.0)).abs().value() < 1e-5));
        close(&jordan.times(&v), &v.times(&Matrix::diagonal(5, 5, &values)));
        let cycle = Matrix::new(4, 4, |i, j| Complex::new(f64::from(u8::from(j == (i + 1) % 4)), 0.0));
        let (values, _) = cycle.eig().unwrap();
        assert!(values.iter().all(|v| (v.abs().value() - 1.0).abs() < 1e-25), "{values:?}");
    }

    #[test]
    fn singular_matrices_have_no_inverse_and_a_unitary_factor_all_the_same() {
        let a = Matrix::new(3, 3, |i, j| Complex::new((i * j) as f64, 0.0));
        assert!(a.inverse().is_none() && a.cholesky().is_none());
        // A wide complex matrix of rank two.
        let (left, right) = (sample(7, 2, true), sample(2, 9, true));
        let (u, _, vh) = left.times(&right).svd();
        orthonormal(&u);
        orthonormal(&vh.adjoint());
        let (u, s, vh) = a.svd();
        assert!(s[0].value() > 4.9 && s[1].value() < 1e-28, "{s:?}");
        orthonormal(&u);
        orthonormal(&vh.adjoint());
    }
}
