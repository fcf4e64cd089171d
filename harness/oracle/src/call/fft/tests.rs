//! Compares the transform with a second precision, with its identities, and with known values.

use array_assay_interface::{Array, DType, Defaults, Element, Scalar, Value};

use super::{FUNCTIONS, THRESHOLD, transform};
use crate::call::linalg::double::{Complex, Double};
use crate::call::{Call, Expectation, Given, Undefined, half_of_real};
use crate::precise::{self, Pair, Precise, Real};

/// Powers of two, powers of small primes, composite numbers and primes.
const LENGTHS: [usize; 16] = [1, 2, 3, 4, 5, 7, 8, 12, 16, 30, 31, 45, 64, 97, 128, 210];

/// A hundredth of the smallest error that is judged: `eps` of float64 times the threshold.
const FINEST: f64 = f64::EPSILON * THRESHOLD / 100.0;

/// The error that the transform keeps. It is far below the precision of doubles.
const EXACT: f64 = 1.0 / (1u128 << 95) as f64;

/// Samples without a pattern.
fn samples(n: usize, seed: u64) -> Vec<Complex> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..n).map(|_| Complex::new(next(), next())).collect()
}

fn norm(x: &[Complex]) -> f64 {
    x.iter().map(|v| v.re.value().powi(2) + v.im.value().powi(2)).sum::<f64>().sqrt()
}

/// The distance of two signals, relative to the norm of the second.
fn distance(a: &[Complex], b: &[Complex]) -> f64 {
    let off: Vec<Complex> = a.iter().zip(b).map(|(a, b)| *a + b.times(-Double::ONE)).collect();
    norm(&off) / norm(b)
}

/// The transform by its definition, with a precision of 200 bits.
fn precisely(p: &mut Precise, x: &[Complex], forward: bool) -> Vec<Pair> {
    let (n, zero) = (x.len(), p.real(0.0).unwrap());
    let minus_one = p.real(-1.0).unwrap();
    let pi = p.atan2(&zero, &minus_one).unwrap();
    let number = |p: &mut Precise, v: Double| {
        let (hi, lo) = (p.real(v.value()).unwrap(), p.real(v.low()).unwrap());
        p.add(&hi, &lo).unwrap()
    };
    let roots: Vec<Pair> = (0..n)
        .map(|k| {
            let (turns, n) = (p.real(2.0 * k as f64).unwrap(), p.real(n as f64).unwrap());
            let turns = p.div(&turns, &n).unwrap();
            let angle = p.mul(&turns, &pi).unwrap();
            let (cos, sin) = (p.cos(&angle).unwrap(), p.sin(&angle).unwrap());
            [cos, if forward { -sin } else { sin }]
        })
        .collect();
    let x: Vec<Pair> = x.iter().map(|v| [number(p, v.re), number(p, v.im)]).collect();
    let accumulate = |p: &mut Precise, sum: &Real, a: &Real, b: &Real, minus: bool| {
        let product = p.mul(a, b).unwrap();
        if minus { p.sub(sum, &product).unwrap() } else { p.add(sum, &product).unwrap() }
    };
    (0..n)
        .map(|k| {
            let mut sum = [zero.clone(), zero.clone()];
            for (j, v) in x.iter().enumerate() {
                let w = &roots[j * k % n];
                let re = accumulate(p, &sum[0], &v[0], &w[0], false);
                let im = accumulate(p, &sum[1], &v[0], &w[1], false);
                sum = [accumulate(p, &re, &v[1], &w[1], true), accumulate(p, &im, &v[1], &w[0], false)];
            }
            sum
        })
        .collect()
}

/// The transform in twice the precision of doubles.
fn transform(x: &[Complex], forward: bool) -> Vec<Complex> {
    transform::transform(x, forward, DType::Complex128)
}

#[test]
fn the_transform_is_a_hundred_times_finer_than_what_is_judged() {
    for n in LENGTHS {
        for forward in [true, false] {
            let x = samples(n, n as u64);
            let got = transform(&x, forward);
            let off: f64 = precise::with(|p| {
                p.at(200, |p| {
                    let exact = precisely(p, &x, forward);
                    let component = |p: &mut Precise, got: Double, exact: &Real| {
                        let (hi, lo) = (p.real(got.value()).unwrap(), p.real(got.low()).unwrap());
                        let rest = p.sub(&hi, exact).unwrap();
                        p.add(&rest, &lo).unwrap().to_f64().value().powi(2)
                    };
                    got.iter().zip(&exact).map(|(g, e)| component(p, g.re, &e[0]) + component(p, g.im, &e[1])).sum()
                })
            });
            let error = off.sqrt() / norm(&got);
            assert!(error < EXACT && EXACT < FINEST, "{n}: {error:e}");
            let in_doubles = transform::transform(&x, forward, DType::Complex64);
            assert!(distance(&in_doubles, &got) < 0.01 * 2f64.powi(-23), "{n}");
        }
    }
}

#[test]
fn the_transform_is_linear_and_turns_shifts_into_factors() {
    for n in LENGTHS {
        let (a, b) = (samples(n, 1), samples(n, 2));
        let half = Double::from(0.5);
        let mixed: Vec<Complex> = a.iter().zip(&b).map(|(a, b)| a.times(half) + *b).collect();
        let sum: Vec<Complex> = transform(&a, true).iter().zip(transform(&b, true)).map(|(a, b)| a.times(half) + b).collect();
        assert!(distance(&transform(&mixed, true), &sum) < EXACT, "{n}");
        // The transform of an impulse at index 1 consists of the factors that a shift by one element multiplies a spectrum by.
        let mut impulse = vec![Complex::ZERO; n];
        impulse[1 % n].re = Double::ONE;
        let factors = transform(&impulse, true);
        let shifted: Vec<Complex> = (0..n).map(|i| a[(i + n - 1) % n]).collect();
        let expected: Vec<Complex> = transform(&a, true).into_iter().zip(&factors).map(|(a, w)| a * *w).collect();
        assert!(distance(&transform(&shifted, true), &expected) < EXACT, "{n}");
        // In turn, a multiplication of the signal by these factors shifts its spectrum.
        let turned: Vec<Complex> = a.iter().zip(&factors).map(|(a, w)| *a * *w).collect();
        let spectrum = transform(&a, true);
        let expected: Vec<Complex> = (0..n).map(|k| spectrum[(k + 1) % n]).collect();
        assert!(distance(&transform(&turned, true), &expected) < EXACT, "{n}");
    }
}

#[test]
fn back_and_forth_is_the_signal() {
    for n in LENGTHS.into_iter().chain([683, 1024, 4096]) {
        let x = samples(n, 3);
        let back: Vec<Complex> =
            transform(&transform(&x, true), false).into_iter().map(|v| v.times(Double::ONE / Double::from(n as f64))).collect();
        assert!(distance(&back, &x) < EXACT, "{n}");
        let energy = norm(&transform(&x, true)) / (norm(&x) * (n as f64).sqrt());
        assert!((energy - 1.0).abs() < 1e-12, "{n}");
    }
}

/// The expectation for a call of a function.
fn expectation(path: &str, given: &[(&str, Given)], dtype: DType) -> Result<Expectation, Undefined> {
    let (_, semantics) = FUNCTIONS.iter().find(|(name, _)| *name == path).unwrap();
    semantics(&Call { given, dtype: Some(dtype), defaults: Defaults::default() })
}

/// The example result of a call.
fn result(path: &str, given: &[(&str, Given)], dtype: DType) -> Array {
    match expectation(path, given, dtype).unwrap().example().unwrap() {
        Value::Array(array) => array,
        other => panic!("{other}"),
    }
}

fn complex(shape: &[usize], values: &[(f64, f64)]) -> Array {
    Array::from_elements(DType::Complex128, shape.to_vec(), values.iter().map(|(re, im)| Element::C128(*re, *im)))
}

fn real(values: &[f64]) -> Array {
    Array::from_elements(DType::Float64, vec![values.len()], values.iter().map(|v| Element::F64(*v)))
}

fn x(array: Array) -> (&'static str, Given) {
    ("x", Given::Array(array))
}

fn number(name: &'static str, v: i128) -> (&'static str, Given) {
    (name, Given::Scalar(Scalar::Int(v)))
}

fn numbers(name: &'static str, values: &[i128]) -> (&'static str, Given) {
    (name, Given::Tuple(values.iter().map(|v| Given::Scalar(Scalar::Int(*v))).collect()))
}

fn norm_of(mode: &str) -> (&'static str, Given) {
    ("norm", Given::Str(mode.to_owned()))
}

fn components(array: &Array) -> Vec<(f64, f64)> {
    array.elements().map(|e| e.components()).collect()
}

const C: DType = DType::Complex128;
const F: DType = DType::Float64;

#[test]
fn small_transforms_are_known() {
    let four = || x(complex(&[4], &[(1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0)]));
    let spectrum = [(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0), (-2.0, -2.0)];
    assert_eq!(components(&result("fft.fft", &[four()], C)), spectrum);
    assert_eq!(components(&result("fft.ifft", &[four(), norm_of("forward")], C)), spectrum.map(|(re, im)| (re, -im)));
    assert_eq!(components(&result("fft.ifft", &[four()], C)), spectrum.map(|(re, im)| (re / 4.0, -im / 4.0)));
    assert_eq!(components(&result("fft.fft", &[four(), norm_of("ortho")], C)), spectrum.map(|(re, im)| (re / 2.0, im / 2.0)));
    assert_eq!(components(&result("fft.fft", &[four(), norm_of("forward")], C)), spectrum.map(|(re, im)| (re / 4.0, im / 4.0)));
    let reals = || x(real(&[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(components(&result("fft.rfft", &[reals()], C)), spectrum[..3]);
    assert_eq!(components(&result("fft.ihfft", &[reals()], C)), [(2.5, 0.0), (-0.5, -0.5), (-0.5, 0.0)]);
    // A signal is trimmed or padded at its end.
    assert_eq!(components(&result("fft.rfft", &[reals(), number("n", 2)], C)), [(3.0, 0.0), (-1.0, 0.0)]);
    assert_eq!(components(&result("fft.rfft", &[reals(), number("n", 8)], C))[2], (-2.0, 2.0));
    assert_eq!(components(&result("fft.rfft", &[reals(), number("n", 8)], C))[4], (-2.0, 0.0));
}

#[test]
fn halves_of_odd_and_even_spectra_are_told_apart() {
    let half = || x(complex(&[3], &[(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0)]));
    let reals = |array: Array| -> Vec<f64> { components(&array).into_iter().map(|(re, _)| re).collect() };
    assert_eq!(reals(result("fft.irfft", &[half()], F)), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(reals(result("fft.hfft", &[half()], F)), [4.0, 16.0, 12.0, 8.0]);
    // The result has five elements, so the last element of the half stands for two of the spectrum.
    let five = reals(result("fft.irfft", &[half(), number("n", 5)], F));
    let tone = |j: f64, k: f64, re: f64, im: f64| {
        let angle = std::f64::consts::TAU * j * k / 5.0;
        2.0 * (re * angle.cos() - im * angle.sin())
    };
    for (j, got) in five.iter().enumerate() {
        let expected = (10.0 + tone(j as f64, 1.0, -2.0, 2.0) + tone(j as f64, 2.0, -2.0, 0.0)) / 5.0;
        assert!((got - expected).abs() < 1e-15, "{j}: {got} {expected}");
    }
}

#[test]
fn what_is_no_half_of_a_real_transform_is_left_open() {
    let is_graded = |path, given: &[_]| matches!(expectation(path, given, F), Ok(Expectation::Graded(..)));
    let half = |last: f64| x(complex(&[3], &[(1.0, 0.0), (2.0, 1.0), (3.0, last)]));
    assert!(is_graded("fft.irfft", &[half(0.0)]));
    assert!(!is_graded("fft.irfft", &[half(1.0)]));
    assert!(is_graded("fft.irfft", &[half(1.0), number("n", 5)]));
    assert!(!is_graded("fft.irfft", &[x(complex(&[2], &[(1.0, 1.0), (2.0, 1.0)])), number("n", 3)]));
    // At frequency zero of the last axis, the elements along the other axis are the whole spectrum of a real signal.
    let plane = |other: f64| x(complex(&[3, 1], &[(1.0, 0.0), (2.0, 1.0), (2.0, other)]));
    let lengths = || [numbers("s", &[3, 1]), numbers("axes", &[0, 1])];
    assert!(is_graded("fft.irfftn", &[vec![plane(-1.0)], lengths().to_vec()].concat()));
    assert!(!is_graded("fft.irfftn", &[vec![plane(1.0)], lengths().to_vec()].concat()));
    let given = [vec![plane(1.0)], lengths().to_vec()].concat();
    let call = Call { given: &given, dtype: None, defaults: Defaults::default() };
    let made = half_of_real("fft.irfftn", &call).unwrap();
    assert_eq!(components(&made), [(1.0, 0.0), (2.0, 1.0), (2.0, -1.0)]);
}

#[test]
fn the_example_of_what_is_left_open_is_the_real_part() {
    // Elements 0 and 2 of a half for four elements stand for themselves, so their imaginary parts are dropped.
    let half = |first: f64, last: f64| x(complex(&[3], &[(10.0, first), (-2.0, 2.0), (-2.0, last)]));
    let real = result("fft.irfft", &[half(0.0, 0.0)], F);
    assert_eq!(components(&real), [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0)]);
    assert!(matches!(expectation("fft.irfft", &[half(3.0, 5.0)], F), Ok(Expectation::Array(_))));
    assert_eq!(result("fft.irfft", &[half(3.0, 5.0)], F), real);
    // Of a pair of elements that are no conjugates, the example takes the half that is.
    let plane = |a: (f64, f64), b: (f64, f64)| {
        let given = [x(complex(&[3, 1], &[(1.0, 0.0), a, b])), numbers("s", &[3, 1]), numbers("axes", &[0, 1])];
        result("fft.irfftn", &given, F)
    };
    assert_eq!(plane((2.0, 1.0), (4.0, 1.0)), plane((3.0, 0.0), (3.0, 0.0)));
}

#[test]
fn several_axes_are_transformed_one_after_another() {
    let values: Vec<(f64, f64)> = (0..6).map(|i| (f64::from(i * i), f64::from(i))).collect();
    let x = || x(complex(&[2, 3], &values));
    let rows = result("fft.fft", &[x()], C);
    let both = result("fft.fft", &[("x", Given::Array(rows)), number("axis", 0)], C);
    let close = |a: &Array, b: &Array| components(a).iter().zip(components(b)).all(|(a, b)| (a.0 - b.0).hypot(a.1 - b.1) < 1e-13);
    assert!(close(&result("fft.fftn", &[x()], C), &both));
    assert!(close(&result("fft.fftn", &[x(), numbers("axes", &[-1, 0]), numbers("s", &[-1, 2])], C), &both));
    let shape = |given: &[_]| result("fft.fftn", given, C).shape;
    assert_eq!(shape(&[x(), numbers("s", &[4, 5]), numbers("axes", &[1, 0])]), [5, 4]);
    assert!(matches!(expectation("fft.fftn", &[x(), numbers("s", &[4, 5])], C), Err(Undefined::Illegal(_))));
    assert_eq!(result("fft.irfftn", &[("x", Given::Array(complex(&[2, 2], &[(0.0, 0.0); 4])))], F).shape, [2, 2]);
    let reals = || ("x", Given::Array(Array::from_elements(F, vec![3, 4], vec![Element::F64(1.0); 12])));
    assert_eq!(result("fft.rfftn", &[reals(), numbers("axes", &[1, 0])], C).shape, [2, 4]);
}

#[test]
fn an_error_in_one_transform_of_a_stack_is_seen() {
    let values: Vec<(f64, f64)> = samples(24, 5)
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let scale = if i < 16 { 1.0 } else { 1e-9 };
            (v.re.value() * scale, v.im.value() * scale)
        })
        .collect();
    let given = [x(complex(&[3, 8], &values))];
    let Expectation::Graded(_, grading) = expectation("fft.fft", &given, C).unwrap() else { panic!("not graded") };
    let right = result("fft.fft", &given, C);
    let ratio = |array: &Array| grading.grades(&Value::Array(array.clone())).unwrap()[0].ratio;
    assert!(ratio(&right) < 0.5);
    let corrupted = |factor: f64| {
        let elements = right.elements().enumerate().map(|(i, e)| match e {
            Element::C128(re, im) if i == 23 => Element::C128(re * factor, im),
            other => other,
        });
        Array::from_elements(C, vec![3, 8], elements.collect::<Vec<_>>())
    };
    assert!(ratio(&corrupted(1.0 + 1e-11)) > THRESHOLD);
    assert!(ratio(&corrupted(f64::NAN)).is_nan());
}

#[test]
fn what_comes_of_nothing_is_nothing() {
    // An argument without elements is padded with zeros to the full length.
    let given = [x(complex(&[0], &[])), number("n", 3)];
    let Expectation::Graded(_, grading) = expectation("fft.irfft", &given, F).unwrap() else { panic!("not graded") };
    let grades = |values: &[f64]| grading.grades(&Value::Array(real(values)));
    assert_eq!(grades(&[0.0, -0.0, 0.0]).unwrap()[0].ratio, 0.0);
    assert!(grades(&[0.0, 1e-30, 0.0]).is_err());
    assert!(grades(&[0.0, 6.9e-310, 0.0]).is_err(), "a subnormal number is none that zeros give");
    assert!(grades(&[0.0, f64::NAN, 0.0]).is_err());
}

#[test]
fn frequencies_and_shifts_are_those_of_the_text() {
    let reals = |path, given: &[_]| -> Vec<f64> { components(&result(path, given, F)).into_iter().map(|(re, _)| re).collect() };
    let spacing = || ("d", Given::Scalar(Scalar::Float(0.5)));
    assert_eq!(reals("fft.fftfreq", &[number("n", 4), spacing()]), [0.0, 0.5, -1.0, -0.5]);
    assert_eq!(reals("fft.fftfreq", &[number("n", 5)]), [0.0, 0.2, 0.4, -0.4, -0.2]);
    assert_eq!(reals("fft.rfftfreq", &[number("n", 4), spacing()]), [0.0, 0.5, 1.0]);
    assert_eq!(reals("fft.rfftfreq", &[number("n", 5)]), [0.0, 0.2, 0.4]);
    let exact = |path, values: &[f64]| reals(path, &[x(real(values))]);
    assert_eq!(exact("fft.fftshift", &[0.0, 1.0, 2.0, -2.0, -1.0]), [-2.0, -1.0, 0.0, 1.0, 2.0]);
    assert_eq!(exact("fft.ifftshift", &[-2.0, -1.0, 0.0, 1.0, 2.0]), [0.0, 1.0, 2.0, -2.0, -1.0]);
    assert_eq!(exact("fft.fftshift", &[0.0, 1.0, -2.0, -1.0]), [-2.0, -1.0, 0.0, 1.0]);
}
