//! Calls as a user of ndarray makes them: of functions that the crate has, lacks, or refuses.

use array_assay_interface::{Argument, Array, Backend, CallError, DType, Identity, Output, Presence};
use array_assay_namespace::keywords::{Concat, LinalgCholesky, LinalgSvd, Mean, Nanmin, Nansum, Sort, Sum, Take, Var};
use array_assay_namespace::{Namespace, Origin, Polyfilled, polyfills};
use array_assay_ndarray::{DEVIATING, Ndarray, Register};
use ndarray::{Array0, Array1, Array2, Array3, Axis, array};
use num_complex::Complex;

fn library() -> Polyfilled<Ndarray> {
    Polyfilled::new(Ndarray).without(DEVIATING)
}

#[track_caller]
fn vector<T: Clone>(x: Result<Register, CallError>) -> Array1<T>
where
    Array1<T>: for<'a> TryFrom<&'a Register>,
{
    let x = x.unwrap_or_else(|error| panic!("{error:?}"));
    Array1::try_from(&x).ok().unwrap_or_else(|| panic!("a vector of another dtype or rank"))
}

#[track_caller]
fn error(result: Result<Register, CallError>) -> String {
    match result {
        Err(CallError::Raised(exception)) => exception.type_name,
        other => panic!("expected an error, got {other:?}"),
    }
}

#[test]
fn where_a_function_comes_from() {
    let ns = library();
    assert_eq!(ns.origin("sin"), Some(Origin::Native { completed: true }));
    assert_eq!(ns.origin("nanmin"), Some(Origin::Composed));
    assert_eq!(ns.origin("atan2"), Some(Origin::Kernel));
    assert_eq!(ns.origin("linalg.vecdot"), Some(Origin::Composed));
    // The crate has the function, but rounds ties away from zero.
    assert_eq!(ns.origin("round"), Some(Origin::Kernel));
    assert_eq!(ns.origin("from_dlpack"), None);
    assert_eq!(ns.origin("no_such_function"), None);
}

#[test]
fn dtypes_promote_and_shapes_broadcast() {
    let mut ns = library();
    let x = Register::from(array![[1i32], [2]]);
    let y = Register::from(array![10u8, 20]);
    let sum = ns.add(&x, &y).unwrap();
    assert_eq!(Array2::<i32>::try_from(&sum).unwrap(), array![[11, 21], [12, 22]]);
    assert_eq!(error(ns.add(&Register::from(array![1i32]), &Register::from(array![1.0]))), "TypeError", "the standard promotes no kinds");
    assert_eq!(error(ns.add(&Register::from(array![1, 2]), &Register::from(array![1, 2, 3]))), "ValueError");
    assert_eq!(vector::<f32>(ns.multiply(2.0, &Register::from(array![1.5f32]))), array![3.0]);
}

#[test]
fn what_the_library_does_otherwise_is_mended() {
    let mut ns = library();
    assert_eq!(vector::<f64>(ns.round(&Register::from(array![0.5, 1.5, -2.5]))), array![0.0, 2.0, -2.0]);
    assert_eq!(vector::<i64>(ns.remainder(&Register::from(array![-7i64, 7]), &Register::from(array![3i64, -3]))), array![2, -2]);
    assert_eq!(vector::<i64>(ns.sum(&Register::from(array![[100i8, 100], [1, 2]]), Sum::default().axis(0))), array![101, 102]);
    // Without the polyfill, the library's own result comes back.
    let mut own = Polyfilled::new(Ndarray);
    assert_eq!(vector::<f64>(own.round(&Register::from(array![0.5]))), array![1.0]);
}

#[test]
fn polyfills_and_kernels_give_what_the_standard_says() {
    let mut ns = library();
    let x = Register::from(array![[f64::NAN, 2.0], [f64::NAN, f64::NAN]]);
    let least = vector::<f64>(ns.nanmin(&x, Nanmin::default().axis(-1)));
    assert!(least[0] == 2.0 && least[1].is_nan());
    assert_eq!(vector::<f64>(ns.nansum(&x, Nansum::default().axis(1))), array![2.0, 0.0]);
    let z = Register::from(array![Complex::new(-1.0, -0.0)]);
    assert_eq!(vector::<Complex<f64>>(ns.sqrt(&z)), array![Complex::new(0.0, -1.0)]);
    let [values, counts] = ns.unique_counts(&Register::from(array![3, 1, 3])).unwrap();
    assert_eq!((vector::<i32>(Ok(values)), vector::<i64>(Ok(counts))), (array![1, 3], array![1, 2]));
    let spectrum = ns.fft_fft(&Register::from(array![1.0, 1.0]), Default::default());
    assert_eq!(vector::<Complex<f64>>(spectrum), array![Complex::new(2.0, 0.0), Complex::new(0.0, 0.0)]);
    let joined = ns.concat(&[&Register::from(array![1u8]), &Register::from(array![-1i8])], Concat::default());
    assert_eq!(vector::<i16>(joined), array![1, -1]);
    let stack = Register::from(Array3::<f32>::from_shape_fn((2, 3, 3), |(_, i, j)| if i == j { 4.0 } else { 0.0 }));
    let factor = ns.linalg_cholesky(&stack, LinalgCholesky::default()).unwrap();
    assert_eq!(Array3::<f32>::try_from(&factor).unwrap()[[1, 2, 2]], 2.0);
}

#[test]
fn a_factorization_gives_back_the_matrix() {
    let mut ns = library();
    let a = Array2::<f64>::from_shape_fn((5, 3), |(i, j)| ((i * 3 + j) as f64).sin());
    for full in [true, false] {
        let [u, s, vh] = ns.linalg_svd(&Register::from(&a), LinalgSvd::default().full_matrices(full)).unwrap();
        let u = Array2::<f64>::try_from(&u).unwrap();
        assert_eq!(u.dim(), (5, if full { 5 } else { 3 }));
        let s = Array1::<f64>::try_from(&s).unwrap();
        assert!(s[0] >= s[1] && s[1] >= s[2]);
        let product = u.select(Axis(1), &[0, 1, 2]).dot(&Array2::from_diag(&s)).dot(&Array2::<f64>::try_from(&vh).unwrap());
        assert!((product - &a).iter().all(|error| error.abs() < 1e-14));
    }
}

#[test]
fn illegal_calls_are_errors_and_no_panics() {
    let mut ns = library();
    let x = Register::from(array![[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(error(ns.sort(&x, Sort::default().axis(2))), "IndexError");
    assert_eq!(error(ns.take(&x, &Register::from(array![5i64]), Take::default().axis(0))), "IndexError");
    assert_eq!(error(ns.matmul(&x, &Register::from(array![1.0, 2.0, 3.0]))), "ValueError");
    assert_eq!(error(ns.linalg_cholesky(&Register::from(array![[-1.0]]), LinalgCholesky::default())), "LinAlgError");
    assert_eq!(error(ns.mean(&x, Mean::default().axis([0, 0]))), "ValueError");
    let unknown = ns.call("sort", &[Argument::Array(&x)], &[("axes".to_owned(), 0i64.into())]);
    assert!(matches!(unknown, Err(CallError::Raised(exception)) if exception.message.contains("`axes`")));
    assert!(matches!(ns.call("no_such_function", &[], &[]), Err(CallError::Missing(name)) if name == "no_such_function"));
}

#[test]
fn assignment_reaches_all_who_hold_the_array() {
    let mut ns = library();
    let x = Register::from(array![1i64, 2, 3]);
    let held = x.clone();
    let mask = Register::from(array![true, false, true]);
    ns.call("operator.setitem", &[Argument::Array(&x), Argument::Array(&mask), 0i64.into()], &[]).unwrap();
    assert_eq!(vector::<i64>(Ok(held)), array![0, 2, 0]);
    ns.call("operator.ipow", &[Argument::Array(&x), 2i64.into()], &[]).unwrap();
    assert_eq!(vector::<i64>(Ok(x)), array![0, 4, 0]);
}

#[test]
fn the_polyfill_of_a_function_that_the_library_has() {
    let mut ns = library();
    let x = Register::from(array![1.0, 2.0, 4.0]);
    let own = ns.var(&x, Var::default()).unwrap();
    let composed = polyfills::var(&mut ns, &x, Var::default()).unwrap();
    let [own, composed] = [own, composed].map(|v| Array0::<f64>::try_from(&v).unwrap().into_scalar());
    assert!((own - composed).abs() < 1e-15);
    // If the library lacks a function that the polyfill needs, the error says so.
    assert!(matches!(polyfills::nanmin(&mut Ndarray, &x, Nanmin::default()), Err(CallError::Missing(name)) if name == "isdtype"));
}

/// A library with one function, which returns its argument, and a library without functions.
struct Tiny {
    functions: Vec<&'static str>,
}

impl Backend for Tiny {
    type Array = Array;

    fn identity(&self, _: &[String]) -> Identity {
        let functions = self.functions.iter().map(|name| ((*name).to_owned(), Presence::default()));
        Identity { functions: functions.collect(), ..Identity::default() }
    }

    fn from_host(&mut self, array: &Array) -> Result<Array, CallError> {
        Ok(array.clone())
    }

    fn to_host(&mut self, array: &Array) -> Result<Array, CallError> {
        Ok(array.clone())
    }

    fn call(&mut self, name: &str, args: &[Argument<'_, Array>], _: &[(String, Argument<'_, Array>)]) -> Result<Output<Array>, CallError> {
        match (name, args) {
            ("abs", [Argument::Array(x)]) if x.dtype == DType::Float64 => Ok(Output::Array((*x).clone())),
            ("abs", _) => panic!("nothing but double precision"),
            _ => Err(CallError::Missing(name.to_owned())),
        }
    }
}

#[test]
fn a_library_that_panics_or_has_nothing_is_served_all_the_same() {
    let minus = |dtype| {
        let mut data = Vec::new();
        array_assay_interface::Element::Int(-2).write(dtype, &mut data);
        Array { dtype, shape: vec![1], data }
    };
    let mut ns = Polyfilled::new(Tiny { functions: vec!["abs"] });
    assert_eq!(ns.abs(&minus(DType::Float64)).unwrap(), minus(DType::Float64), "its own answer, whatever it is");
    assert_eq!(ns.abs(&minus(DType::Int16)).unwrap().get(0).integer(), 2);
    let mut bare = Polyfilled::new(Tiny { functions: Vec::new() });
    assert_eq!(bare.abs(&minus(DType::Float64)).unwrap().get(0).integer(), 2);
    assert_eq!(bare.median(&minus(DType::Float64), Default::default()).unwrap().get(0).integer(), -2);
}
