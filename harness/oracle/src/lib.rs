//! The oracle of the elementwise functions: what each of the standard's functions computes, element by element.
//!
//! A [`Kernel`] answers three questions. [`Kernel::eval`] is the fast_path: correctly rounded for real numbers, good to a few
//! eps for complex ones, and fast. [`Kernel::error`] measures a result against the unrounded value in arbitrary precision.
//! [`Kernel::plausible`] says whether a result could belong to an input nearby.
//!
//! | module | subject |
//! |---|---|
//! | `kernels` | the table: which function does what on which kind of dtype |
//! | `integer`, `real`, `complex` | the fast_path's arithmetic |
//! | `precise`, `precise_complex` | the same functions in arbitrary precision |
//! | `accuracy` | the error of a result in ULP |
//! | `neighbourhood` | the values of inputs nearby |

mod accuracy;
pub mod call;
mod complex;
mod integer;
mod kernels;
mod neighbourhood;
mod precise;
mod precise_complex;
mod promotion;
mod real;

use array_assay_interface::{DType, Element, Kind};

use complex::Complex;
use integer::Integer;
use kernels::KERNELS;
pub use kernels::Kernel;
pub use promotion::promoted;

/// The kernel of an elementwise function of the standard; none for any other name.
pub fn kernel(function: &str) -> Option<&'static Kernel> {
    let index = KERNELS.binary_search_by_key(&function, |kernel| kernel.name).ok()?;
    Some(&KERNELS[index])
}

/// Every kernel, in alphabetical order.
pub fn kernels() -> impl Iterator<Item = &'static Kernel> {
    KERNELS.iter()
}

/// What the standard has a function return for one element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The value; none where the standard leaves it unspecified.
    pub value: Option<Element>,
    /// A second value that the standard allows.
    pub alternative: Option<Element>,
}

impl Kernel {
    /// The function's name in the standard.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its number of array arguments.
    pub fn arity(&self) -> usize {
        let arities = [self.boolean.arity(), self.integer.arity(), self.real.double.arity(), self.complex.arity()];
        // Every kernel of the table is defined for a kind; a test says so.
        arities.into_iter().flatten().next().unwrap_or(0)
    }

    /// Whether it is defined for operands of `dtype`.
    pub fn accepts(&self, dtype: DType) -> bool {
        match dtype.kind() {
            Kind::Boolean => self.boolean.arity(),
            Kind::SignedInteger | Kind::UnsignedInteger => self.integer.arity(),
            Kind::RealFloating => self.real.double.arity(),
            Kind::ComplexFloating => self.complex.arity(),
        }
        .is_some()
    }

    /// The value for `args`, which have been promoted to `dtype`, in the dtype that the function returns for it: bool for
    /// predicates, real for `abs`, `real` and `imag` of complex numbers, else `dtype`. Panics on fewer arguments than
    /// [`Kernel::arity`].
    pub fn eval(&self, dtype: DType, args: &[Element]) -> Answer {
        let alternative = match (&self.real.alternative, dtype) {
            (Some((single, _)), DType::Float32) => single.call(|i| single_of(args[i])),
            (Some((_, double)), DType::Float64) => double.call(|i| args[i].components().0),
            _ => None,
        };
        let fast = self.fast_path(dtype, args);
        // Nothing to refine where it over- or underflows.
        let refines = |v: &Element| v.components() != (0.0, 0.0) && accuracy::is_finite(*v);
        let value = match fast {
            Some(v) if dtype.is_floating() && (self.needs_refinement)(dtype, args) && (refines(&v) || !dtype.is_complex()) => {
                accuracy::rounded(self, dtype, args).or(fast)
            }
            _ => fast,
        };
        Answer { value, alternative }
    }

    /// As [`Kernel::eval`] without recourse to arbitrary precision.
    fn fast_path(&self, dtype: DType, args: &[Element]) -> Option<Element> {
        match dtype {
            DType::Bool => self.boolean.call(|i| args[i].truth()),
            DType::Float32 => self.real.single.call(|i| single_of(args[i])),
            DType::Float64 => self.real.double.call(|i| args[i].components().0),
            DType::Complex64 => self.complex.call(|i| complex_of(args[i])).map(narrowed),
            DType::Complex128 => self.complex.call(|i| complex_of(args[i])),
            _ => self.eval_integer(dtype, args),
        }
    }

    fn eval_integer(&self, dtype: DType, args: &[Element]) -> Option<Element> {
        let (low, high) = dtype.integer_range()?;
        let bits = 8 * dtype.size() as u32;
        match self.integer.call(|i| Integer { value: args[i].integer(), bits, signed: low < 0 }) {
            Some(Element::Int(value)) if value < low || value > high => None,
            value => value,
        }
    }

    /// The error of `got` in ULP of the dtype that the function returns, against the unrounded value for `args` of `dtype`.
    ///
    /// For complex results it is the normwise error `abs(got - true) / (eps * abs(true))` with `eps = 2**(1 - p)`. Where the
    /// value is not finite or the function is exact, it is 0 for the right element and infinite (NaN against a number, an
    /// infinity of the wrong sign) or the distance in ULP otherwise. Where the value overflows when rounded, infinity
    /// counts 0; elsewhere an infinity counts as the number one ULP beyond the largest. 0 where the value is unspecified.
    pub fn error(&self, dtype: DType, args: &[Element], got: Element) -> f64 {
        accuracy::error(self, dtype, args, got)
    }

    /// Whether some input within `2**(p/2)` ULP of `args` has a true value within `2**(p/2)` ULP of `got`, `p` being the
    /// precision of `dtype` (24 or 53).
    ///
    /// For complex dtypes the components are perturbed and values compared normwise; on a branch cut either side counts.
    /// True where the value is unspecified.
    pub fn plausible(&self, dtype: DType, args: &[Element], got: Element) -> bool {
        neighbourhood::plausible(self, dtype, args, got)
    }
}

fn single_of(element: Element) -> f32 {
    match element {
        Element::F32(v) => v,
        other => other.components().0 as f32,
    }
}

fn complex_of(element: Element) -> Complex {
    let (re, im) = element.components();
    Complex { re, im }
}

/// The element in single precision.
fn narrowed(element: Element) -> Element {
    match element {
        Element::C128(re, im) => Element::C64(re as f32, im as f32),
        Element::F64(v) => Element::F32(v as f32),
        other => other,
    }
}
