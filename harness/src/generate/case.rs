//! A case of an element-wise function: the operands of one call, and the program that makes it.

use array_assay_interface::{Arg, Array, DType, Element, Kind, ParameterKind, Program, Role, Scalar, Step};
use array_assay_spec::checks::{APPROXIMATE_SCALAR, COMPLEX_SCALAR, SCALAR};
use array_assay_spec::shape::Value;
use array_assay_spec::{DtypeRule, Function, Operator, OperatorForm, SafeValue, Spec};

use super::layout::Layout;
use super::losses::Losses;
use super::shapes::{broadcast, broadcast_indices};

/// One call of an element-wise function.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// One for each operand of the function.
    pub operands: Vec<OperandCase>,
    /// Whether two array operands that are equal are one object.
    pub same_object: bool,
    /// Whether the program also returns the inputs, to see that they did not change.
    pub returns_inputs: bool,
}

/// An operand and how it is passed.
#[derive(Debug, Clone, PartialEq)]
pub struct OperandCase {
    /// The operand.
    pub value: Operand,
    /// How the operand is passed.
    pub form: ArgForm,
}

/// An operand.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// An array with its elements in C order, and its layout.
    Array(Array, Layout),
    /// A Python scalar.
    Scalar(Scalar),
    /// Left out, or `None`.
    Absent,
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ArgForm {
    Positional,
    Keyword,
}

/// The kinds of operands of a call. Each form has its own checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallForm {
    /// Arrays only.
    Arrays,
    /// A Python scalar, which takes the dtype of the arrays.
    Scalar,
    /// A Python complex beside real floating-point arrays, which makes the call a complex one.
    ComplexScalar,
}

impl CallForm {
    /// The slug of the checks that judge calls of this form.
    pub fn slug(self) -> Option<&'static str> {
        match self {
            CallForm::Arrays => None,
            CallForm::Scalar => Some(SCALAR),
            CallForm::ComplexScalar => Some(COMPLEX_SCALAR),
        }
    }

    /// All forms.
    pub const ALL: [CallForm; 3] = [CallForm::Arrays, CallForm::Scalar, CallForm::ComplexScalar];

    /// The form that the checks with this slug judge.
    pub fn of_slug(slug: Option<&str>) -> CallForm {
        match slug {
            Some(SCALAR | APPROXIMATE_SCALAR) => CallForm::Scalar,
            Some(COMPLEX_SCALAR) => CallForm::ComplexScalar,
            _ => CallForm::Arrays,
        }
    }
}

impl Case {
    /// The dtypes of the array operands, in order.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + '_ {
        self.arrays().map(|(array, _)| array.dtype)
    }

    /// The array operands with their layouts.
    pub fn arrays(&self) -> impl Iterator<Item = (&Array, Layout)> {
        self.operands.iter().filter_map(|o| match &o.value {
            Operand::Array(array, layout) => Some((array, *layout)),
            _ => None,
        })
    }

    /// The Python scalars among the operands.
    pub fn scalars(&self) -> impl Iterator<Item = Scalar> + '_ {
        self.operands.iter().filter_map(|operand| if let Operand::Scalar(scalar) = operand.value { Some(scalar) } else { None })
    }

    /// The form of the call.
    pub fn form(&self) -> CallForm {
        let scalar = self.operands.iter().find_map(|o| match o.value {
            Operand::Scalar(scalar) => Some(scalar),
            _ => None,
        });
        match scalar {
            None => CallForm::Arrays,
            Some(Scalar::Complex(_)) if self.dtypes().all(|d| d.kind() == Kind::RealFloating) => CallForm::ComplexScalar,
            Some(_) => CallForm::Scalar,
        }
    }

    /// The dtype to which the operands are promoted: that of the arrays, or the complex dtype of the same precision if a Python complex
    /// meets real arrays.
    pub fn common_dtype(&self, spec: &Spec) -> Option<DType> {
        let common = self.dtypes().try_fold(None, |common: Option<DType>, d| match common {
            None => Some(Some(d)),
            Some(c) => spec.dtypes.promote(c, d).map(Some),
        })??;
        Some(if self.form() == CallForm::ComplexScalar { common.complex() } else { common })
    }

    /// The result's dtype by the spec.
    pub fn result_dtype(&self, spec: &Spec, function: &Function) -> Option<DType> {
        let common = self.common_dtype(spec)?;
        let first = match (function.result.dtype, self.dtypes().next()) {
            // A scalar operand takes the dtype of its array partner.
            (DtypeRule::Same, Some(first)) => first,
            _ => common,
        };
        Some(function.result.dtype_of(first, common))
    }

    /// The result's shape by the spec.
    pub fn result_shape(&self, function: &Function) -> Option<Vec<usize>> {
        let shapes = self.operands.iter().map(|operand| match &operand.value {
            Operand::Array(array, _) => Some(array.shape.as_slice()),
            _ => None,
        });
        result_shape(function, shapes)
    }

    /// Which elements of the operands belong to each element of the result.
    pub fn pairing<'a>(&'a self, common: DType, result: &[usize]) -> Pairing<'a> {
        let source = |(k, o): (usize, &'a OperandCase)| match &o.value {
            Operand::Array(array, _) if array.shape == result => Source::Same(array),
            Operand::Array(array, _) => Source::Broadcast(array, broadcast_indices(&array.shape, result)),
            Operand::Scalar(scalar) => Source::Single(scalar.element().cast(common)),
            // No bound. The lower bound is the second operand of `clip`, the only function whose operands may be absent.
            Operand::Absent => Source::Single(unbounded(common, k == 1)),
        };
        Pairing { common, sources: self.operands.iter().enumerate().map(source).collect() }
    }

    /// The program that makes the call: it creates the inputs, makes their layouts and calls the function.
    pub fn program(&self, function: &Function) -> Program {
        self.program_on(function, self.arrays().map(|(array, layout)| (layout.physical(array), layout, array.shape.clone())).collect())
    }

    /// The program that makes the call on these inputs: for each array operand the array to create, its layout, and its shape once it has
    /// that layout.
    pub(super) fn program_on(&self, function: &Function, arrays: Vec<(Array, Layout, Vec<usize>)>) -> Program {
        let mut program = Program::default();
        let operands = arrays.len();
        let mut arrays = arrays;
        if self.same_object {
            arrays.dedup();
        }
        let count = arrays.len() as u32;
        let mut registers = Vec::with_capacity(operands);
        for (physical, layout, shape) in arrays {
            let register = program.inputs.len() as u32;
            program.inputs.push(physical);
            registers.push(match layout.step(register, &shape) {
                Some(step) => {
                    program.steps.push(step);
                    count + program.steps.len() as u32 - 1
                }
                None => register,
            });
        }
        // Equal operands are one object, if so asked.
        registers.resize(operands, registers.last().copied().unwrap_or_default());
        let (mut args, mut kwargs) = (Vec::new(), Vec::new());
        let mut next = registers.iter();
        for (operand, case) in function.operands.iter().zip(&self.operands) {
            let arg = match &case.value {
                Operand::Array(..) => Arg::Register(*next.next().expect("one register for each array")),
                Operand::Scalar(scalar) => Arg::Scalar(*scalar),
                Operand::Absent if case.form == ArgForm::Keyword => continue,
                Operand::Absent => Arg::None,
            };
            match case.form {
                // After an argument that is left out, the others go by keyword.
                ArgForm::Positional if kwargs.is_empty() && args.len() == position(function, &operand.name) => args.push(arg),
                _ => kwargs.push((operand.name.clone(), arg)),
            }
        }
        let mut path = function.path();
        if let Some(Operator { form: OperatorForm::Reflected, python, .. }) = &function.operator {
            match python {
                // The left operand is a Python scalar, so Python calls the reflected method of the array.
                Some(python) if self.form() != CallForm::Arrays => path.clone_from(python),
                _ => args.reverse(),
            }
        }
        program.steps.push(Step { function: path, args, kwargs, role: Role::Subject });
        program.returns.push(count + program.steps.len() as u32 - 1);
        if self.returns_inputs {
            // An in-place operator changes its first operand.
            let changed = usize::from(function.is_operator(OperatorForm::InPlace));
            program.returns.extend(registers.into_iter().skip(changed));
        }
        program
    }

    /// Replaces elements that would not come back from the library unchanged.
    pub fn replace_lost(&mut self, losses: &Losses) {
        let beside = self.dtypes().next();
        for operand in &mut self.operands {
            match (&mut operand.value, beside) {
                (Operand::Array(array, _), _) => {
                    if let Some(replaced) = losses.replaced(array) {
                        *array = replaced;
                    }
                }
                (Operand::Scalar(scalar), Some(dtype)) => *scalar = losses.replaced_scalar(dtype, *scalar),
                _ => {}
            }
        }
    }

    /// Replaces drawn elements for which the standard leaves the result open, because a library may fail on them.
    pub fn make_defined(&mut self, spec: &Spec, function: &Function) {
        let Some((target, safe)) = function.safe.iter().next() else { return };
        let Some(target) = function.operands.iter().position(|o| o.name == *target) else { return };
        let Some(common) = self.common_dtype(spec).filter(|d| d.is_integer() || function.unspecified.is_some()) else { return };
        let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else { return };
        let Some(shape) = broadcast(self.arrays().map(|(array, _)| array.shape.as_slice())) else { return };
        if shape.contains(&0) {
            // No elements meet, but a library may still look at them. Plain elements are safe.
            let (target, source, plain) = match safe {
                SafeValue::Number(v) => (target, None, Element::Int((*v).into())),
                SafeValue::Operand(name) => (target, function.operands.iter().position(|o| o.name == *name), Element::Int(0)),
            };
            for k in source.into_iter().chain([target]) {
                match &mut self.operands[k].value {
                    Operand::Array(array, layout) => {
                        let elements = vec![plain.cast(array.dtype); array.len()];
                        *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
                        *layout = if *layout == Layout::Broadcast { Layout::Contiguous } else { *layout };
                    }
                    Operand::Scalar(scalar) => *scalar = scalar_like(*scalar, plain),
                    Operand::Absent => {}
                }
            }
            return;
        }
        // Few passes suffice, because each pass replaces an element for good or moves it in one direction.
        for _ in 0..8 {
            let pairing = self.pairing(common, &shape);
            let mut replaced: Vec<(usize, Element)> = Vec::new();
            for i in 0..shape.iter().product() {
                let args = pairing.arguments(i);
                let open = function.leaves_open(common, &args) || common.is_integer() && kernel.eval(common, &args).value.is_none();
                if !open {
                    continue;
                }
                let element = match safe {
                    SafeValue::Number(v) => Element::Int((*v).into()).cast(common),
                    SafeValue::Operand(name) => args[function.operands.iter().position(|o| o.name == *name).unwrap_or(0)],
                };
                replaced.push((pairing.index(target, i), element));
            }
            let changed = replaced.into_iter().fold(false, |changed, (at, element)| self.replace(target, at, element) || changed);
            if !changed {
                return;
            }
        }
    }

    /// Replaces an element of an operand. Returns whether the operand has elements.
    fn replace(&mut self, operand: usize, at: usize, element: Element) -> bool {
        match &mut self.operands[operand].value {
            Operand::Array(array, layout) => {
                let mut bytes = Vec::with_capacity(16);
                element.cast(array.dtype).write(array.dtype, &mut bytes);
                let size = array.dtype.size();
                array.data[at * size..(at + 1) * size].copy_from_slice(&bytes);
                // The elements are no longer repeated along the first axis.
                if *layout == Layout::Broadcast {
                    *layout = Layout::Contiguous;
                }
                true
            }
            Operand::Scalar(scalar) => {
                *scalar = scalar_like(*scalar, element);
                true
            }
            Operand::Absent => false,
        }
    }
}

/// Which elements of the operands belong to each element of the result.
pub struct Pairing<'a> {
    common: DType,
    sources: Vec<Source<'a>>,
}

/// Where the elements of an operand come from.
enum Source<'a> {
    /// An array of the result's shape.
    Same(&'a Array),
    /// An array that is broadcast, with the flat index for each element of the result.
    Broadcast(&'a Array, Vec<usize>),
    /// The same element for each element of the result.
    Single(Element),
}

/// The promoted arguments of one element of the result: at most three, stored without an allocation.
#[derive(Debug, Clone, Copy)]
pub struct Arguments {
    items: [Element; 3],
    count: usize,
}

impl std::ops::Deref for Arguments {
    type Target = [Element];

    fn deref(&self) -> &[Element] {
        &self.items[..self.count]
    }
}

impl Pairing<'_> {
    /// The promoted arguments of the `i`-th element of the result.
    pub fn arguments(&self, i: usize) -> Arguments {
        let mut out = Arguments { items: [Element::Bool(false); 3], count: self.sources.len().min(3) };
        for (slot, source) in out.items.iter_mut().zip(&self.sources) {
            *slot = match source {
                Source::Same(array) => array.get(i).cast(self.common),
                Source::Broadcast(array, indices) => array.get(indices[i]).cast(self.common),
                Source::Single(element) => *element,
            };
        }
        out
    }

    /// Whether the arguments repeat after `period` elements.
    pub fn repeats(&self, period: usize) -> bool {
        self.sources.iter().all(|source| match source {
            Source::Same(array) => array.repeats(period),
            Source::Broadcast(..) => false,
            Source::Single(_) => true,
        })
    }

    /// The index of the operand's element that belongs to the `i`-th element of the result.
    fn index(&self, operand: usize, i: usize) -> usize {
        match &self.sources[operand] {
            Source::Same(_) => i,
            Source::Broadcast(_, indices) => indices[i],
            Source::Single(_) => 0,
        }
    }
}

/// An element as the Python scalar that replaces another one. A complex scalar stays complex, because the dtype of the result depends on
/// it.
fn scalar_like(replaced: Scalar, element: Element) -> Scalar {
    match (replaced, element) {
        (Scalar::Complex(_), element) => Scalar::Complex(element.cast(DType::Complex128).components()),
        (_, Element::Bool(v)) => Scalar::Bool(v),
        (_, Element::Int(v)) => Scalar::Int(v),
        (_, other) => Scalar::Float(other.components().0),
    }
}

/// The lowest or highest value of a dtype, which stands for a bound that is left out.
fn unbounded(dtype: DType, low: bool) -> Element {
    match dtype.integer_range() {
        Some((lowest, highest)) => Element::Int(if low { lowest } else { highest }),
        None => Element::F64(if low { f64::NEG_INFINITY } else { f64::INFINITY }).cast(dtype),
    }
}

/// The shape of a result by the spec, for operands of these shapes; `None` stands for what is no array.
pub(super) fn result_shape<'s>(function: &Function, shapes: impl Iterator<Item = Option<&'s [usize]>>) -> Option<Vec<usize>> {
    let value = |shape: Option<&[usize]>| shape.map_or(Value::Other, Value::array);
    let given: Vec<(&str, Value)> = function.operands.iter().zip(shapes).map(|(o, shape)| (o.name.as_str(), value(shape))).collect();
    let sizes = function.result.shape()?.shape(&function.signature, given.as_slice()).ok()?;
    sizes.into_iter().collect()
}

/// The position of a parameter among those that can be passed by position.
fn position(function: &Function, name: &str) -> usize {
    let positional = function.signature.parameters.iter().filter(|p| p.kind != ParameterKind::KeywordOnly);
    positional.take_while(|p| p.name != name).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{BackendProfile, Budget, CaseTree, StreamKind, streams};
    use proptest::strategy::ValueTree;

    fn operand(value: Operand) -> OperandCase {
        OperandCase { value, form: ArgForm::Positional }
    }

    fn vector(dtype: DType, elements: &[f64]) -> OperandCase {
        let array = Array::from_elements(dtype, vec![elements.len()], elements.iter().map(|v| Element::F64(*v).cast(dtype)));
        operand(Operand::Array(array, Layout::Contiguous))
    }

    fn case(operands: Vec<OperandCase>) -> Case {
        Case { operands, same_object: false, returns_inputs: false }
    }

    #[test]
    fn a_complex_scalar_makes_real_arrays_complex() {
        let spec = Spec::embedded();
        let scalar = |v| operand(Operand::Scalar(v));
        let complex = Scalar::Complex((1.0, 2.0));
        for (dtype, value, form, common) in [
            (DType::Float32, complex, CallForm::ComplexScalar, DType::Complex64),
            (DType::Float64, complex, CallForm::ComplexScalar, DType::Complex128),
            (DType::Complex64, complex, CallForm::Scalar, DType::Complex64),
            (DType::Float32, Scalar::Float(2.0), CallForm::Scalar, DType::Float32),
        ] {
            let case = case(vec![vector(dtype, &[1.0, -0.0]), scalar(value)]);
            assert_eq!((case.form(), case.common_dtype(spec)), (form, Some(common)), "{dtype} with {value}");
        }
        let arrays = case(vec![vector(DType::Float32, &[1.0]), vector(DType::Float64, &[1.0])]);
        assert_eq!((arrays.form(), arrays.common_dtype(spec)), (CallForm::Arrays, Some(DType::Float64)));

        let case = case(vec![vector(DType::Float32, &[1.0, -3.0]), scalar(complex)]);
        let result = |name| case.result_dtype(spec, spec.function("array", name).expect("it is in the spec"));
        assert_eq!((result("__add__"), result("__eq__")), (Some(DType::Complex64), Some(DType::Bool)));
        let pairing = case.pairing(DType::Complex64, &[2]);
        assert_eq!(pairing.arguments(1)[..], [Element::C64(-3.0, 0.0), Element::C64(1.0, 2.0)]);
    }

    #[test]
    fn a_replaced_complex_scalar_stays_complex() {
        let spec = Spec::embedded();
        let power = spec.function("array", "__pow__").expect("it is in the spec");
        for base in [&[1.0][..], &[]] {
            let exponent = operand(Operand::Scalar(Scalar::Complex((f64::NAN, 0.0))));
            let mut case = case(vec![vector(DType::Float32, base), exponent]);
            case.make_defined(spec, power);
            assert_eq!(case.operands[1].value, Operand::Scalar(Scalar::Complex((1.0, 0.0))));
        }
    }

    #[test]
    fn complex_scalars_are_drawn_only_where_they_are_allowed_and_survive_simplification() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let real = BackendProfile { dtypes: profile.dtypes.iter().copied().filter(|d| !d.is_complex()).collect(), ..profile.clone() };
        let drawn = |name: &str, profile: &BackendProfile| {
            let function = spec.function("array", name).expect("it is in the spec");
            let streams = streams(spec, function, profile, Budget { seed: 7, cases: 1200 }, &|kind| kind == StreamKind::Function);
            let stream = &streams[0];
            let mut count = 0;
            for index in (0..1200).map(|i| i + stream.before_rows()) {
                let case = stream.case(index);
                if case.form() == CallForm::ComplexScalar {
                    count += 1;
                    assert!(stream.takes_complex(&stream.combinations[stream.combination_of(index)]));
                    let mut tree = CaseTree::new(stream, index);
                    for _ in 0..40 {
                        assert_eq!(tree.current().form(), CallForm::ComplexScalar);
                        if !tree.simplify() {
                            break;
                        }
                    }
                }
            }
            count
        };
        for name in ["__add__", "__rsub__", "__pow__", "__rpow__", "__eq__"] {
            assert!(drawn(name, &profile) >= 5, "{name}");
            assert_eq!(drawn(name, &real), 0, "{name} without complex dtypes");
        }
        for name in ["__iadd__", "__floordiv__", "__rmod__", "__lt__"] {
            assert_eq!(drawn(name, &profile), 0, "{name}");
        }
    }
}
