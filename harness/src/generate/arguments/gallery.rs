//! The matrix gallery: stacks of matrices from the classes on which linear algebra is known to go wrong. The classes are those of LAPACK's
//! test programs (Reference LAPACK, LIN/dlatb4, EIG/ddrvev, EIG/ddrvst) and a few more.

use std::cmp::Ordering;

use array_assay_interface::{Array, DType, Element};
use array_assay_spec::Values;

use crate::generate::values::Random;

/// A complex number: real and imaginary part.
type Number = (f64, f64);

/// The rows of a matrix.
type Rows = Vec<Vec<Number>>;

/// The classes of Hermitian matrices. The first of each list is drawn more often.
const HERMITIAN: &[&str] = &[
    "random",
    "diagonal",
    "identity",
    "zero",
    "kappa-1e2",
    "kappa-sqrt",
    "kappa-max",
    "clustered",
    "geometric",
    "hilbert",
    "zero-rows",
    "integer",
    "toeplitz",
    "tridiagonal",
    "tiny",
    "huge",
];

/// The classes of positive definite matrices.
const DEFINITE: &[&str] = &[
    "kappa-2",
    "diagonal",
    "identity",
    "kappa-1e2",
    "kappa-sqrt",
    "clustered",
    "geometric",
    "hilbert",
    "integer",
    "toeplitz",
    "tiny",
    "huge",
];

/// The classes of matrices of full rank.
const INVERTIBLE: &[&str] = &[
    "random",
    "diagonal",
    "identity",
    "orthogonal",
    "kappa-2",
    "kappa-1e2",
    "kappa-sqrt",
    "kappa-max",
    "clustered",
    "geometric",
    "hilbert",
    "permutation",
    "triangular",
    "jordan",
    "companion",
    "integer",
    "toeplitz",
    "tiny",
    "huge",
];

/// The classes of all other matrices.
const ANY: &[&str] = &[
    "random",
    "diagonal",
    "identity",
    "zero",
    "orthogonal",
    "kappa-2",
    "kappa-1e2",
    "kappa-sqrt",
    "kappa-max",
    "clustered",
    "geometric",
    "hilbert",
    "jordan",
    "companion",
    "zero-rows",
    "low-rank",
    "permutation",
    "triangular",
    "tridiagonal",
    "symmetric",
    "skew",
    "integer",
    "toeplitz",
    "tiny",
    "huge",
];

/// The classes that are drawn for a kind of matrices.
fn classes(values: Values) -> &'static [&'static str] {
    match values {
        Values::Hermitian => HERMITIAN,
        Values::Definite => DEFINITE,
        Values::Invertible | Values::Independent => INVERTIBLE,
        _ => ANY,
    }
}

/// Draws a stack of matrices and returns it with the name of their class. All matrices of a stack have the same class. `values` says what
/// they have to be; Hermitian matrices are Hermitian to the last bit. `None` if the shape has fewer than two axes.
pub fn draw(random: &mut Random, values: Values, dtype: DType, shape: &[usize]) -> Option<(Array, &'static str)> {
    let [outer @ .., rows, columns] = shape else { return None };
    let classes = classes(values);
    let weights: Vec<usize> = (0..classes.len()).map(|i| if i == 0 { 3 } else { 1 }).collect();
    let class = classes[random.pick("class", &weights)];
    let mut elements = Vec::with_capacity(shape.iter().product());
    for _ in 0..outer.iter().product() {
        let mut gallery = Gallery {
            random,
            dtype,
            hermitian: matches!(values, Values::Hermitian | Values::Definite),
            positive: values == Values::Definite,
        };
        let matrix = gallery.matrix(class, *rows, *columns);
        elements.extend(gallery.rounded(matrix));
    }
    Some((Array::from_elements(dtype, shape.to_vec(), elements), class))
}

/// Draws the matrices of one stack.
struct Gallery<'r> {
    random: &'r mut Random,
    dtype: DType,
    hermitian: bool,
    /// Whether all eigenvalues have to be positive.
    positive: bool,
}

impl Gallery<'_> {
    fn eps(&self) -> f64 {
        2f64.powi(1 - self.dtype.precision())
    }

    /// A matrix of a class.
    fn matrix(&mut self, class: &str, rows: usize, columns: usize) -> Rows {
        let eps = self.eps();
        let (longest, shortest) = (rows.max(columns).max(1), rows.min(columns));
        match class {
            "random" if self.hermitian => self.by_spectrum(rows, columns, &|random, _| 2.0 * random.unit() - 1.0),
            "zero" => self.filled(rows, columns, |_| (0.0, 0.0)),
            "identity" => diagonal(rows, columns, &vec![(1.0, 0.0); shortest]),
            "diagonal" => self.diagonal(rows, columns),
            "orthogonal" => self.by_spectrum(rows, columns, &|_, _| 1.0),
            "kappa-2" => self.by_condition(rows, columns, 2.0),
            "kappa-1e2" => self.by_condition(rows, columns, 100.0),
            "kappa-sqrt" => self.by_condition(rows, columns, (0.1 / eps).sqrt()),
            "kappa-max" => self.by_condition(rows, columns, 1e-3 / (eps * longest as f64)),
            // The first singular value is 2. All others are nearly 1.
            "clustered" => self.by_spectrum(rows, columns, &|random, at| if at == 0.0 { 2.0 } else { 1.0 + eps.sqrt() * random.unit() }),
            "geometric" => self.by_spectrum(rows, columns, &|_, at| (-(1e-2 / eps).log2() / 2.0 * at).exp2()),
            "hilbert" => (0..rows).map(|i| (0..columns).map(|j| (1.0 / (i + j + 1) as f64, 0.0)).collect()).collect(),
            "jordan" => self.jordan(rows, columns),
            "companion" => self.companion(rows, columns),
            "tridiagonal" => self.mirrored(rows, columns, 1, |(re, im)| (re, -im)),
            // Also of complex numbers, which makes it no Hermitian matrix.
            "symmetric" => self.mirrored(rows, columns, usize::MAX, |entry| entry),
            "skew" => self.mirrored(rows, columns, usize::MAX, |(re, im)| (-re, -im)),
            "zero-rows" => self.zero_rows(rows, columns),
            "low-rank" => self.low_rank(rows, columns),
            "permutation" => self.permutation(rows, columns),
            "triangular" => self.triangular(rows, columns),
            "integer" if self.positive => self.positive_integers(rows, columns),
            "integer" => self.integers(rows, columns),
            "toeplitz" => self.toeplitz(rows, columns),
            "tiny" => self.scaled(rows, columns, -1.0),
            "huge" => self.scaled(rows, columns, 1.0),
            _ => self.filled(rows, columns, |gallery| gallery.number()),
        }
    }

    fn diagonal(&mut self, rows: usize, columns: usize) -> Rows {
        let numbers: Vec<Number> = (0..rows.min(columns))
            .map(|_| {
                let size = 0.25 + 4.0 * self.random.unit();
                let sign = if self.positive || self.random.below(2) == 0 { 1.0 } else { -1.0 };
                if self.dtype.is_complex() && !self.hermitian { (sign * size, self.random.unit()) } else { (sign * size, 0.0) }
            })
            .collect();
        diagonal(rows, columns, &numbers)
    }

    /// A single Jordan block, whose eigenvalue is not close to zero.
    fn jordan(&mut self, rows: usize, columns: usize) -> Rows {
        let value = self.number();
        let value = if value.0.abs() < 0.25 { (1.0, value.1) } else { value };
        let entry = |i: usize, j: usize| if i == j { value } else { (f64::from(u8::from(j == i + 1)), 0.0) };
        (0..rows).map(|i| (0..columns).map(|j| entry(i, j)).collect()).collect()
    }

    /// The companion matrix of a polynomial, with coefficients that are not close to zero in its last column.
    fn companion(&mut self, rows: usize, columns: usize) -> Rows {
        let coefficients: Vec<Number> = (0..rows).map(|_| (0.25 + self.random.unit(), 0.0)).collect();
        let entry = |i: usize, j: usize| match i {
            _ if j + 1 == columns => coefficients[i],
            _ => (f64::from(u8::from(i == j + 1)), 0.0),
        };
        (0..rows).map(|i| (0..columns).map(|j| entry(i, j)).collect()).collect()
    }

    /// A matrix whose lower triangle follows from the upper one by `below`. Entries more than `width` places off the diagonal are zero. The
    /// diagonal is real.
    fn mirrored(&mut self, rows: usize, columns: usize, width: usize, below: impl Fn(Number) -> Number) -> Rows {
        let size = rows.max(columns);
        let upper = self.filled(size, size, Gallery::number);
        let entry = |i: usize, j: usize| match i.cmp(&j) {
            _ if i.abs_diff(j) > width => (0.0, 0.0),
            Ordering::Less => upper[i][j],
            Ordering::Equal => (upper[i][i].0, 0.0),
            Ordering::Greater => below(upper[j][i]),
        };
        (0..rows).map(|i| (0..columns).map(|j| entry(i, j)).collect()).collect()
    }

    /// A matrix with one row and one column of zeros.
    fn zero_rows(&mut self, rows: usize, columns: usize) -> Rows {
        let mut matrix = self.matrix("random", rows, columns);
        let first = self.random.below(rows.max(1));
        let vanishes = |i: usize, j: usize| i == first || if self.hermitian { j == first } else { j + 1 == columns };
        for (i, row) in matrix.iter_mut().enumerate() {
            row.iter_mut().enumerate().filter(|(j, _)| vanishes(i, *j)).for_each(|(_, entry)| *entry = (0.0, 0.0));
        }
        matrix
    }

    /// A product of matrices of small integers, so that its rank is exact.
    fn low_rank(&mut self, rows: usize, columns: usize) -> Rows {
        let rank = self.random.below(rows.min(columns).max(1));
        let (left, right) = (self.integers(rows, rank), self.integers(rank, columns));
        product(&left, &right, columns)
    }

    fn permutation(&mut self, rows: usize, columns: usize) -> Rows {
        let mut order: Vec<usize> = (0..rows.max(columns).max(1)).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, self.random.below(i + 1));
        }
        let order: Vec<usize> = order.into_iter().filter(|j| *j < columns).collect();
        (0..rows).map(|i| (0..columns).map(|j| (f64::from(u8::from(order.get(i) == Some(&j))), 0.0)).collect()).collect()
    }

    /// An upper triangular matrix whose diagonal is not close to zero.
    fn triangular(&mut self, rows: usize, columns: usize) -> Rows {
        let mut matrix = self.filled(rows, columns, |gallery| gallery.number());
        for (i, row) in matrix.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                if j < i {
                    *entry = (0.0, 0.0);
                } else if i == j {
                    entry.0 += 2.0 * entry.0.signum();
                }
            }
        }
        matrix
    }

    /// A positive definite matrix of integers: `A A^H + I`.
    fn positive_integers(&mut self, rows: usize, columns: usize) -> Rows {
        let left = self.integers(rows, rows);
        let mut matrix = product(&left, &adjoint(&left, rows), columns);
        (0..rows.min(columns)).for_each(|i| matrix[i][i].0 += 1.0);
        matrix
    }

    /// A Toeplitz matrix whose diagonal dominates.
    fn toeplitz(&mut self, rows: usize, columns: usize) -> Rows {
        let longest = rows.max(columns).max(1);
        let line: Vec<Number> = (0..2 * longest).map(|_| self.number()).collect();
        let head = line.iter().map(|z| z.0.abs() + z.1.abs()).sum::<f64>() / 2.0 + 1.0;
        let entry = |i: usize, j: usize| if i == j { (head, 0.0) } else { line[j + longest - i.min(j + longest)] };
        (0..rows).map(|i| (0..columns).map(|j| entry(i, j)).collect()).collect()
    }

    /// A matrix near the lower end of the dtype's range (`sign` -1) or the upper end (`sign` 1). It is as far from the end as a rounding of
    /// the result needs (LIN/dlatb4).
    fn scaled(&mut self, rows: usize, columns: usize, sign: f64) -> Rows {
        let exponent = if self.dtype.precision() == 24 { 96.0 } else { 960.0 };
        let scale = f64::exp2(sign * exponent);
        let mut matrix = self.by_condition(rows, columns, 10.0);
        matrix.iter_mut().flatten().for_each(|z| *z = (z.0 * scale, z.1 * scale));
        matrix
    }

    /// The elements, rounded to the dtype. A Hermitian matrix stays Hermitian.
    fn rounded(&self, matrix: Rows) -> Vec<Element> {
        let hermitian = |i: usize, j: usize| match (self.hermitian, i.cmp(&j)) {
            (true, std::cmp::Ordering::Greater) => (matrix[j][i].0, -matrix[j][i].1),
            (true, std::cmp::Ordering::Equal) => (matrix[i][i].0, 0.0),
            _ => matrix[i][j],
        };
        let columns = matrix.first().map_or(0, Vec::len);
        let entries = (0..matrix.len()).flat_map(|i| (0..columns).map(move |j| (i, j)));
        entries
            .map(|(i, j)| {
                let (re, im) = hermitian(i, j);
                Element::C128(re, im + 0.0).cast(self.dtype)
            })
            .collect()
    }

    fn number(&mut self) -> Number {
        let re = 2.0 * self.random.unit() - 1.0;
        (re, if self.dtype.is_complex() { 2.0 * self.random.unit() - 1.0 } else { 0.0 })
    }

    fn filled(&mut self, rows: usize, columns: usize, entry: impl Fn(&mut Self) -> Number) -> Rows {
        (0..rows).map(|_| (0..columns).map(|_| entry(self)).collect()).collect()
    }

    fn integers(&mut self, rows: usize, columns: usize) -> Rows {
        let complex = self.dtype.is_complex();
        self.filled(rows, columns, |gallery| {
            let mut digit = || gallery.random.below(9) as f64 - 4.0;
            (digit(), if complex { digit() } else { 0.0 })
        })
    }

    /// A matrix whose singular values, or eigenvalues if it is Hermitian, are spread evenly from one down to `1 / kappa`.
    fn by_condition(&mut self, rows: usize, columns: usize, kappa: f64) -> Rows {
        self.by_spectrum(rows, columns, &move |_, at| 1.0 - at * (1.0 - 1.0 / kappa))
    }

    /// A matrix with given singular values, or eigenvalues if it is Hermitian. `value` maps the place of a value, from 0 to 1, to its
    /// magnitude. The eigenvalues of an indefinite matrix have random signs.
    fn by_spectrum(&mut self, rows: usize, columns: usize, value: &dyn Fn(&mut Random, f64) -> f64) -> Rows {
        let least = rows.min(columns);
        let numbers: Vec<Number> = (0..least)
            .map(|i| {
                let at = if least > 1 { i as f64 / (least - 1) as f64 } else { 0.0 };
                let size = value(self.random, at);
                let negative = self.hermitian && !self.positive && self.random.below(2) == 0;
                (if negative { -size } else { size }, 0.0)
            })
            .collect();
        let mut matrix = diagonal(rows, columns, &numbers);
        // A random unitary matrix is a product of as many reflections as it has rows.
        for _ in 0..rows.max(columns).min(12) {
            let left = self.direction(rows);
            reflect(&mut matrix, &left, true);
            let right = if self.hermitian { left } else { self.direction(columns) };
            reflect(&mut matrix, &right, false);
        }
        matrix
    }

    /// A random vector of norm one.
    fn direction(&mut self, length: usize) -> Vec<Number> {
        let v: Vec<Number> = (0..length).map(|_| self.number()).collect();
        let norm = v.iter().map(|z| z.0 * z.0 + z.1 * z.1).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        v.into_iter().map(|z| (z.0 / norm, z.1 / norm)).collect()
    }
}

fn times(a: Number, b: Number) -> Number {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn diagonal(rows: usize, columns: usize, numbers: &[Number]) -> Rows {
    (0..rows).map(|i| (0..columns).map(|j| if i == j { numbers[i] } else { (0.0, 0.0) }).collect()).collect()
}

fn adjoint(matrix: &Rows, columns: usize) -> Rows {
    (0..columns).map(|j| matrix.iter().map(|row| (row[j].0, -row[j].1)).collect()).collect()
}

fn product(left: &Rows, right: &Rows, columns: usize) -> Rows {
    let sum = |row: &Vec<Number>, j: usize| {
        row.iter().zip(right).fold((0.0, 0.0), |sum: Number, (a, other)| {
            let term = times(*a, other[j]);
            (sum.0 + term.0, sum.1 + term.1)
        })
    };
    left.iter().map(|row| (0..columns).map(|j| sum(row, j)).collect()).collect()
}

/// `(I - 2 v v^H) matrix`, or `matrix (I - 2 v v^H)`.
fn reflect(matrix: &mut Rows, v: &[Number], left: bool) {
    let columns = matrix.first().map_or(0, Vec::len);
    let conj = |z: Number| (z.0, -z.1);
    if left {
        for j in 0..columns {
            let share = matrix.iter().zip(v).fold((0.0, 0.0), |sum: Number, (row, v)| {
                let term = times(conj(*v), row[j]);
                (sum.0 + term.0, sum.1 + term.1)
            });
            for (row, v) in matrix.iter_mut().zip(v) {
                let part = times(*v, share);
                row[j] = (row[j].0 - 2.0 * part.0, row[j].1 - 2.0 * part.1);
            }
        }
    } else {
        for row in matrix.iter_mut() {
            let share = row.iter().zip(v).fold((0.0, 0.0), |sum: Number, (entry, v)| {
                let term = times(*entry, *v);
                (sum.0 + term.0, sum.1 + term.1)
            });
            for (entry, v) in row.iter_mut().zip(v) {
                let part = times(share, conj(*v));
                *entry = (entry.0 - 2.0 * part.0, entry.1 - 2.0 * part.1);
            }
        }
    }
}
