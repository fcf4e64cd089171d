//! The oracle of the elementwise functions. It computes the value of each of the standard's functions, element by element.
//!
//! A [`Kernel`] answers three questions. [`Kernel::eval`] gives the value on the fast path. It is correctly rounded for real numbers and
//! accurate to a few eps for complex ones. [`Kernel::error`] measures a result against the unrounded value in arbitrary precision.
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

/// The kernel of an elementwise function of the standard. `None` for any other name.
pub fn kernel(function: &str) -> Option<&'static Kernel> {
    let index = KERNELS.binary_search_by_key(&function, |kernel| kernel.name).ok()?;
    Some(&KERNELS[index])
}

/// Every kernel, in alphabetical order.
pub fn kernels() -> impl Iterator<Item = &'static Kernel> {
    KERNELS.iter()
}

/// The standard's result of a function for one element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The value. `None` if the standard leaves it unspecified.
    pub value: Option<Element>,
    /// A second value that the standard allows.
    pub alternative: Option<Element>,
}

impl Kernel {
    /// The function's name in the standard.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The number of array arguments.
    pub fn arity(&self) -> usize {
        let arities = [self.boolean.arity(), self.integer.arity(), self.real.double.arity(), self.complex.arity()];
        // Every kernel in the table is defined for at least one kind. A test checks that.
        arities.into_iter().flatten().next().unwrap_or(0)
    }

    /// Whether the function is defined for operands of `dtype`.
    pub fn accepts(&self, dtype: DType) -> bool {
        match dtype.kind() {
            Kind::Boolean => self.boolean.arity(),
            Kind::SignedInteger | Kind::UnsignedInteger => self.integer.arity(),
            Kind::RealFloating => self.real.double.arity(),
            Kind::ComplexFloating => self.complex.arity(),
        }
        .is_some()
    }

    /// The value for `args`, which have been promoted to `dtype`. The value has the dtype that the function returns: bool for predicates,
    /// the real dtype for `abs`, `real` and `imag` of complex numbers, and `dtype` otherwise. Panics if there are fewer arguments than
    /// [`Kernel::arity`].
    pub fn eval(&self, dtype: DType, args: &[Element]) -> Answer {
        let alternative = match (&self.real.alternative, dtype) {
            (Some((single, _)), DType::Float32) => single.call(|i| single_of(args[i])),
            (Some((_, double)), DType::Float64) => double.call(|i| args[i].components().0),
            _ => None,
        };
        let fast = self.fast_path(dtype, args);
        // A value that overflows or underflows cannot be refined.
        let refines = |v: &Element| v.components() != (0.0, 0.0) && accuracy::is_finite(*v);
        let value = match fast {
            Some(v) if dtype.is_floating() && (self.needs_refinement)(dtype, args) && (refines(&v) || !dtype.is_complex()) => {
                accuracy::rounded(self, dtype, args).or(fast)
            }
            _ => fast,
        };
        Answer { value, alternative }
    }

    /// As [`Kernel::eval`], but without arbitrary precision.
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

    /// The error of `got` against the unrounded value for `args` of `dtype`, in ULP of the dtype that the function returns.
    ///
    /// Complex results have the normwise error `abs(got - true) / (eps * abs(true))` with `eps = 2**(1 - p)`.
    ///
    /// If the value is not finite or the function is exact, the error of the right element is 0. The error of another element is its
    /// distance in ULP, or infinity for a wrong kind of value (NaN instead of a number, or an infinity of the wrong sign).
    ///
    /// If the true value overflows when rounded, the error of infinity is 0. Otherwise an infinity counts as the number one ULP beyond the
    /// largest. The error is 0 if the value is unspecified.
    pub fn error(&self, dtype: DType, args: &[Element], got: Element) -> f64 {
        accuracy::error(self, dtype, args, got)
    }

    /// Whether some input within `2**(p/2)` ULP of `args` has a true value within `2**(p/2)` ULP of `got`. `p` is the precision of `dtype`
    /// (24 or 53).
    ///
    /// For complex dtypes, the components are perturbed and the values are compared normwise. On a branch cut, both sides count. The answer
    /// is true if the value is unspecified.
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

/// The element, rounded to single precision.
fn narrowed(element: Element) -> Element {
    match element {
        Element::C128(re, im) => Element::C64(re as f32, im as f32),
        Element::F64(v) => Element::F32(v as f32),
        other => other,
    }
}
