//! Programs as text: the call in one line, and a self-contained script in the backend's language.

mod call;
mod python;
mod rust;

use array_assay_format::{Cause, Counterexample};
use array_assay_interface::{Array, Element, Program};

pub use call::{call, note};
pub use python::Python;

use crate::generate::PERIOD;
use crate::judge::{Demand, Failure};

/// The language of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// Python, and how scripts use the library.
    Python(Python),
    /// Rust, with the expression that makes the backend.
    Rust {
        /// The expression, such as `array_assay_ndarray::Ndarray::default()`.
        backend: String,
    },
    /// Another language. There are no scripts, but reports show the program as JSON.
    Other,
}

impl Language {
    /// Whether scripts end with an assertion. An assertion needs the values that the program returned.
    pub fn asserts(&self) -> bool {
        matches!(self, Language::Python(_))
    }
}

/// A script that runs the program and prints its result. In Python, it ends with an assertion that fails as long as the library deviates.
pub fn snippet(language: &Language, program: &Program, demand: &Demand, expected: &str) -> String {
    match language {
        Language::Python(python) => python.script(program, demand, expected),
        Language::Rust { backend } => rust::rust(backend, program),
        Language::Other => String::new(),
    }
}

/// The counterexample of a deviation that shows without a call: a missing name, or a signature. Its script looks the name up. For a
/// signature, it asserts `condition`, a Python expression on `parameters`. `None` if the language is not Python, or if the function belongs
/// to Python itself.
pub fn looked_up(
    language: &Language,
    path: &str,
    failure: &Failure,
    note: Option<String>,
    condition: Option<&str>,
) -> Option<Counterexample> {
    let Language::Python(python) = language else { return None };
    if let Some(("operator" | "builtins", _)) = path.split_once('.') {
        return None;
    }
    let call = if failure.cause == Cause::Signature { format!("inspect.signature({path})") } else { path.to_owned() };
    let snippet = python.lookup(path, condition.map(|condition| (condition, note.as_deref().unwrap_or(&failure.expected))));
    let (expected, got) = (failure.expected.clone(), failure.got.clone());
    Some(Counterexample { program: Program::default(), call, expected, got, step: None, note, snippet })
}

/// A long vector that repeats a pattern, except at a few places.
struct Repeated {
    pattern: Array,
    length: usize,
    /// The places where another element stands, and that element.
    others: Vec<(usize, Element)>,
}

impl Repeated {
    /// `None` if the array is another one.
    fn of(array: &Array) -> Option<Repeated> {
        let (size, length) = (array.dtype.size(), array.len());
        let is_long = |period: &usize| array.shape.len() == 1 && length > 2 * period;
        // Between the elements of a strided array lie others, so that its pattern is twice as long.
        [PERIOD, 2 * PERIOD].into_iter().filter(is_long).find_map(|period| {
            let bytes = |i: usize| &array.data[i * size..(i + 1) * size];
            let others: Vec<usize> = (period..length).filter(|i| bytes(*i) != bytes(i % period)).take(MOST_OTHERS + 1).collect();
            let pattern = Array { dtype: array.dtype, shape: vec![period], data: array.data[..period * size].to_vec() };
            let others: Vec<_> = others.into_iter().map(|i| (i, array.get(i))).collect();
            (others.len() <= MOST_OTHERS).then_some(Repeated { pattern, length, others })
        })
    }

    /// The pattern as often as it repeats, in Python. `pattern` is the text of one.
    fn repetition(&self, pattern: &str) -> String {
        format!("({pattern} * {})[:{}]", self.length.div_ceil(self.pattern.len()), self.length)
    }
}

/// A vector that differs from its pattern at more places than this is written whole.
const MOST_OTHERS: usize = 4;

#[cfg(test)]
mod tests {
    use array_assay_format::Verdict;
    use array_assay_interface::{Arg, DType, Role, Scalar, Slice, Step};

    use super::*;
    use crate::generate::Sort;
    use crate::judge::{Fact, Is, Number, Real, Where};

    fn numpy() -> Python {
        Python { module: "numpy".to_owned(), ..Python::default() }
    }

    fn step(function: &str, args: Vec<Arg>) -> Step {
        Step { function: function.to_owned(), args, kwargs: vec![], role: Role::Subject }
    }

    /// A program that calls a function with `x1`, a float64 array, and more arguments.
    fn program(function: &str, args: Vec<Arg>) -> Program {
        let input = Array::from_elements(DType::Float64, vec![2], [Element::F64(1.0), Element::F64(f64::NAN)]);
        let args = [vec![Arg::Register(0)], args].concat();
        Program { inputs: vec![input], steps: vec![step(function, args)], returns: vec![1] }
    }

    #[test]
    fn a_long_vector_that_repeats_a_pattern_is_written_short() {
        let vector = |length: usize, period: usize| {
            Array::from_elements(DType::Int16, vec![length], (0..length).map(|i| Element::Int((i % period) as i128)))
        };
        let script = |array: Array| {
            let program = Program { inputs: vec![array], ..program("abs", vec![]) };
            numpy().script(&program, &Demand::Result, "")
        };
        let pattern = (0..PERIOD).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
        let short = script(vector(1025, PERIOD));
        assert!(short.contains(&format!("x1 = xp.asarray(([{pattern}] * 17)[:1025], dtype=xp.int16)\n")), "{short}");
        let mut odd = vector(1025, PERIOD);
        odd.data[2 * 1000..2 * 1001].copy_from_slice(&[7, 0]);
        let short = script(odd);
        assert!(
            short.contains(&format!("xp.asarray([{{1000: 7}}.get(i, v) for i, v in enumerate(([{pattern}] * 17)[:1025])], dtype=")),
            "{short}"
        );
        // Each of these is written whole: it repeats another number of elements, or is not much longer than its pattern.
        for array in [vector(1025, PERIOD + 1), vector(2 * PERIOD, PERIOD)] {
            assert!(!script(array).contains(")[:"));
        }
    }

    #[test]
    fn calls_are_written_as_one_would_type_them() {
        let two = Arg::Scalar(Scalar::Int(2));
        let slice = |step| Arg::Slice(Slice { start: Some(1), stop: None, step });
        for (function, args, expected) in [
            ("add", vec![two.clone()], "result = xp.add(x1, 2)"),
            ("operator.pow", vec![two.clone()], "result = x1 ** 2"),
            ("operator.ipow", vec![two.clone()], "x1 **= 2"),
            ("operator.ge", vec![two.clone()], "result = x1 >= 2"),
            ("operator.neg", vec![], "result = -x1"),
            ("operator.abs", vec![], "result = abs(x1)"),
            ("operator.index", vec![], "result = operator.index(x1)"),
            ("operator.getitem", vec![Arg::Tuple(vec![slice(Some(-1)), Arg::Ellipsis])], "result = x1[1::-1, ...]"),
            ("operator.getitem", vec![Arg::Tuple(vec![])], "result = x1[()]"),
            ("operator.getitem", vec![Arg::Tuple(vec![two.clone()])], "result = x1[2,]"),
            ("operator.getitem", vec![slice(None)], "result = x1[1:]"),
            ("operator.setitem", vec![two.clone(), Arg::Scalar(Scalar::Float(-0.0))], "x1[2] = -0.0"),
            ("builtins.float", vec![], "result = float(x1)"),
            ("method.to_device", vec![Arg::Str("cpu".to_owned())], "result = x1.to_device(\"cpu\")"),
            ("attribute.shape", vec![], "result = x1.shape"),
            ("linalg.svd", vec![], "result = xp.linalg.svd(x1)"),
        ] {
            let script = numpy().script(&program(function, args), &Demand::Result, "");
            assert!(script.lines().any(|line| line == expected), "{expected}: {script}");
            assert_eq!(script.contains("import operator"), script.contains("operator.index"), "{script}");
            assert!(script.contains("from math import nan\n"), "{script}");
        }
        let left =
            Program { steps: vec![step("operator.pow", vec![Arg::Scalar(Scalar::Int(-2)), Arg::Register(0)])], ..program("abs", vec![]) };
        assert!(numpy().script(&left, &Demand::Result, "").contains("result = (-2) ** x1\n"));
    }

    #[test]
    fn scripts_in_full() {
        let fact = |is| Demand::Fact(Fact { of: Where::of(1), is });
        let nan = fact(Is::Element(vec![1], DType::Float64, vec![Number::Real(Real::Nan)]));
        let half = fact(Is::Element(vec![0], DType::Float64, vec![Number::Real(Real::Within(0.25, 0.75))]));
        let dask = Python { module: "dask.array".to_owned(), shown: Some("x.compute()".to_owned()), ..Python::default() };
        let view = {
            let mut program = program("operator.neg", vec![]);
            let args = vec![Arg::Register(0), Arg::Tuple(vec![Arg::Slice(Slice { start: None, stop: None, step: Some(-1) })])];
            program.steps.insert(0, Step { role: Role::Prepare, ..step("operator.getitem", args) });
            program.steps[1].args = vec![Arg::Register(1)];
            Program { returns: vec![2], ..program }
        };
        let of_view = Demand::Fact(Fact { of: Where::of(2), is: Is::OfShape(vec![2]) });
        let scripts = [
            ("an element", numpy().script(&program("abs", vec![]), &nan, "nan")),
            ("a number within bounds, of a lazy library", dask.script(&program("sin", vec![]), &half, "about 0.5")),
            (
                "a dtype",
                numpy().script(&program("add", vec![Arg::Scalar(Scalar::Int(2))]), &fact(Is::OfDtype(DType::Float64)), "dtype float64"),
            ),
            ("an operand that is a view", numpy().script(&view, &of_view, "shape (2,)")),
            ("an exception", numpy().script(&program("take", vec![]), &Demand::Exception(Some("IndexError".to_owned())), "an exception")),
            ("any result", numpy().script(&program("linalg.svd", vec![]), &Demand::Result, "a result")),
        ];
        insta::assert_snapshot!(scripts.map(|(what, script)| format!("# {what}\n{script}")).join("\n"));
    }

    #[test]
    fn dtypes_have_the_names_of_the_library() {
        let python = Python { names: [("bool".to_owned(), "bool_".to_owned())].into(), ..numpy() };
        let script = python.script(&program("astype", vec![Arg::Dtype(DType::Bool)]), &Demand::Result, "");
        assert!(script.contains("result = xp.astype(x1, xp.bool_)\n"), "{script}");
        // A lookup asks for the standard's name.
        assert!(python.lookup("bool", None).contains("print(xp.bool)\n"));
    }

    #[test]
    fn modules_of_extensions_are_imported() {
        let modules = [("linalg".to_owned(), "scipy.linalg".to_owned()), ("fft".to_owned(), "scipy.fft".to_owned())];
        let scipy = Python { modules: modules.into(), ..numpy() };
        let script = scipy.script(&program("linalg.svd", vec![]), &Demand::Result, "");
        assert!(
            script.contains("import numpy as xp\nimport scipy.linalg as linalg\n") && script.contains("result = linalg.svd(x1)"),
            "{script}"
        );
        assert!(!script.contains("scipy.fft"), "{script}");
        assert_eq!(scipy.lookup("fft.hfft", None), "import numpy as xp\nimport scipy.fft as fft\n\nprint(fft.hfft)\n");
    }

    #[test]
    fn lazy_arrays_are_computed_before_they_are_printed() {
        let dask = Python { module: "dask.array".to_owned(), shown: Some("x.compute()".to_owned()), ..Python::default() };
        let fact = |is| Demand::Fact(Fact { of: Where::of(1), is });
        let script = dask.script(&program("abs", vec![]), &fact(Is::OfShape(vec![2])), "shape (2,)");
        assert!(script.contains("return x.compute() if ") && script.contains("print(repr(shown(result)))\n"), "{script}");
        assert!(script.ends_with("assert tuple(shown(result).shape) == (2,), \"expected shape (2,)\"\n"), "{script}");
    }

    #[test]
    fn a_form_of_an_array_is_made_in_the_librarys_own_words() {
        let form = "np.asarray(x.tobytes(), dtype=x.dtype)";
        let python = Python { representations: [("raw".to_owned(), form.to_owned())].into(), ..numpy() };
        let mut of_form = program("abs", vec![]);
        let step = Step { role: Role::Prepare, ..step("representation.raw", vec![Arg::Register(0)]) };
        of_form.steps.insert(0, step);
        of_form.steps[1].args = vec![Arg::Register(1)];
        of_form.returns = vec![2];
        let script = python.script(&of_form, &Demand::Result, "");
        assert!(script.starts_with("import numpy as np\n"), "{script}");
        assert!(script.contains(" = np.asarray(x1.tobytes(), dtype=x1.dtype)\n"), "{script}");
    }

    #[test]
    fn a_script_ends_with_what_has_to_hold() {
        let fact = |is| Demand::Fact(Fact { of: Where::of(1), is });
        let element = |number| fact(Is::Element(vec![1], DType::Float64, vec![number]));
        for (demand, end) in [
            (fact(Is::OfDtype(DType::Int8)), "assert getattr(result, \"dtype\", None) == xp.int8, \"expected it\"\n"),
            (element(Number::Real(Real::Nan)), "value = float(result[1])\nassert isnan(value), \"expected it\"\n"),
            (element(Number::Real(Real::Zero(Some(true)))), "assert value == 0.0 and copysign(1.0, value) == -1.0, \"expected it\"\n"),
            (element(Number::Real(Real::Within(0.5, f64::INFINITY))), "assert 0.5 <= value <= inf, \"expected it\"\n"),
            (element(Number::Complex(Real::Is(1.0), Real::Any)), "assert value.real == 1.0, \"expected it\"\n"),
            (Demand::Result, "print(repr(result))\n"),
        ] {
            let script = numpy().script(&program("abs", vec![]), &demand, "it");
            assert!(script.ends_with(end), "{end}: {script}");
        }
        let raises = numpy().script(&program("abs", vec![]), &Demand::Exception(Some("IndexError".to_owned())), "");
        assert!(raises.contains("    result = xp.abs(x1)\n") && raises.contains("except IndexError:\n    pass\nelse:\n"), "{raises}");
        assert!(raises.ends_with("raise AssertionError(\"xp.abs(x1) did not raise\")\n"), "{raises}");
    }

    #[test]
    fn missing_names_and_signatures_are_looked_up() {
        let script = |language: &Language, path: &str, cause: Cause, condition: Option<&str>| {
            let (expected, got, verdict) = ("sum(x)".to_owned(), String::new(), Verdict::Fail);
            let failure = Failure { id: Sort::Plain.nth(0), element: None, cause, expected, got, verdict, kinds: Default::default() };
            looked_up(language, path, &failure, None, condition).map(|found| found.snippet)
        };
        let python = Language::Python(numpy());
        let name = script(&python, "linalg.svd", Cause::MissingName, None);
        assert_eq!(name.as_deref(), Some("import numpy as xp\n\nprint(xp.linalg.svd)\n"));
        let signature = script(&python, "sum", Cause::Signature, Some("\"axis\" in parameters"));
        assert!(signature.is_some_and(|script| script.ends_with("assert \"axis\" in parameters, \"sum(x)\"\n")));
        assert_eq!(script(&python, "operator.add", Cause::Signature, None), None);
        assert_eq!(script(&Language::Other, "add", Cause::MissingName, None), None);
    }
}
