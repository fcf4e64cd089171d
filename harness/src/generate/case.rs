//! Calls of element-wise functions: operands and their dtypes, the dtype and shape of the result, and which elements belong together.

use array_assay_interface::{Array, DType, Element, Kind, ParameterKind, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::checks::{APPROXIMATE_SCALAR, COMPLEX_SCALAR, SCALAR};
use array_assay_spec::shape::Value;
use array_assay_spec::{DtypeRule, Function, SafeValue, Spec};

use super::call::{ArgForm, Call};
use super::layout::Layout;
use super::losses::Losses;
use super::shapes::{broadcast, broadcast_indices};
use super::sharing::Sharing;

/// An operand and how it is passed.
#[derive(Debug, Clone)]
pub struct Operand {
    /// An array with its elements in C order, or a Python scalar. `None` if the operand is left out, or `None`.
    pub given: Option<Given>,
    /// The layout of an array.
    pub layout: Layout,
    /// How the operand is passed.
    pub form: ArgForm,
}

impl Operand {
    /// An array, by position.
    pub fn array(array: Array) -> Operand {
        Operand { given: Some(Given::Array(array)), layout: Layout::Contiguous, form: ArgForm::Positional }
    }
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

impl<'a> Call<'a> {
    /// The call of an element-wise function on these operands.
    pub fn of_operands(function: &'a Function, operands: impl IntoIterator<Item = Operand>) -> Call<'a> {
        let mut call = Call::default();
        for (operand, Operand { given, layout, form }) in function.operands.iter().zip(operands) {
            if given.is_none() && form == ArgForm::Keyword {
                continue;
            }
            let given = given.unwrap_or(Given::None);
            // After an argument that is left out, the others go by keyword.
            let reachable = call.arguments.len() == position(function, &operand.name) && !call.forms.contains(&ArgForm::Keyword);
            call.layouts.extend(given.leaf().map(|_| layout));
            call.arguments.push((&operand.name, given));
            call.forms.push(if reachable { form } else { ArgForm::Keyword });
        }
        call
    }

    /// An operand. `None` if it is left out, or `None`.
    pub fn operand(&self, function: &Function, k: usize) -> Option<&Given> {
        self.argument(&function.operands.get(k)?.name).filter(|given| **given != Given::None)
    }

    /// The dtypes of the array operands, in order.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + '_ {
        self.laid().map(|(array, _)| array.dtype)
    }

    /// The form of the call.
    pub fn form(&self) -> CallForm {
        match self.scalars().next() {
            None => CallForm::Arrays,
            Some(Scalar::Complex(_)) if self.dtypes().all(|d| d.kind() == Kind::RealFloating) => CallForm::ComplexScalar,
            Some(_) => CallForm::Scalar,
        }
    }

    /// The dtype to which the operands are promoted: that of the arrays, or the complex dtype of the same precision if a Python complex
    /// meets real arrays.
    pub fn common_dtype(&self, spec: &Spec) -> Option<DType> {
        let mut dtypes = self.dtypes();
        let first = dtypes.next()?;
        let common = dtypes.try_fold(first, |common, d| spec.dtypes.promote(common, d))?;
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
        result_shape(function, (0..function.operands.len()).map(|k| Some(self.operand(function, k)?.leaf()?.shape.as_slice())))
    }

    /// Which elements of the operands belong to each element of the result.
    pub fn pairing<'c>(&'c self, function: &Function, common: DType, result: &[usize]) -> Pairing<'c> {
        let source = |k: usize| match self.operand(function, k) {
            Some(Given::Array(array)) if array.shape == result => Source::Same(array),
            Some(Given::Array(array)) => Source::Broadcast(array, broadcast_indices(&array.shape, result)),
            Some(Given::Scalar(scalar)) => Source::Single(scalar.element().cast(common)),
            // No bound. The lower bound is the second operand of `clip`, the only function whose operands may be absent.
            _ => Source::Single(unbounded(common, k == 1)),
        };
        Pairing { common, sources: (0..function.operands.len()).map(source).collect() }
    }

    /// Replaces elements of operands that would not come back from the library unchanged.
    pub(super) fn replace_lost_operands(&mut self, losses: &Losses) {
        self.replace_lost(losses);
        let beside = self.dtypes().next();
        for (_, given) in &mut self.arguments {
            if let (Given::Scalar(scalar), Some(dtype)) = (given, beside) {
                *scalar = losses.replaced_scalar(dtype, *scalar);
            }
        }
    }

    /// Replaces drawn elements for which the standard leaves the result open, because a library may fail on them.
    pub(super) fn make_defined(&mut self, spec: &Spec, function: &Function) {
        self.replace_open(spec, function);
        // If an element was replaced in one of two arrays that were one object, they are two.
        if self.sharing == Sharing::OneObject && self.arrays().windows(2).any(|pair| pair[0] != pair[1]) {
            self.sharing = Sharing::Apart;
        }
    }

    fn replace_open(&mut self, spec: &Spec, function: &Function) {
        let Some((target, safe)) = function.safe.iter().next() else { return };
        let Some(target) = function.operands.iter().position(|o| o.name == *target) else { return };
        let Some(common) = self.common_dtype(spec).filter(|d| d.is_integer() || function.unspecified.is_some()) else { return };
        let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else { return };
        let Some(shape) = broadcast(self.laid().map(|(array, _)| array.shape.as_slice())) else { return };
        if shape.contains(&0) {
            // No elements meet, but a library may still look at them. Plain elements are safe.
            let (target, source, plain) = match safe {
                SafeValue::Number(v) => (target, None, Element::Int((*v).into())),
                SafeValue::Operand(name) => (target, function.operands.iter().position(|o| o.name == *name), Element::Int(0)),
            };
            for k in source.into_iter().chain([target]) {
                let plainly = |array: &mut Array| {
                    *array = Array::from_elements(array.dtype, array.shape.clone(), vec![plain.cast(array.dtype); array.len()]);
                };
                self.change(function, k, plainly, plain);
            }
            return;
        }
        // Few passes suffice, because each pass replaces an element for good or moves it in one direction.
        for _ in 0..8 {
            let pairing = self.pairing(function, common, &shape);
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
            let mut changed = false;
            for (at, element) in replaced {
                let write = |array: &mut Array| {
                    let mut bytes = Vec::with_capacity(16);
                    element.cast(array.dtype).write(array.dtype, &mut bytes);
                    let size = array.dtype.size();
                    array.data[at * size..(at + 1) * size].copy_from_slice(&bytes);
                };
                changed |= self.change(function, target, write, element);
            }
            if !changed {
                return;
            }
        }
    }

    /// Changes an operand: an array as `change` says, or a scalar to an element. Returns whether the operand is one of them.
    fn change(&mut self, function: &Function, k: usize, change: impl FnOnce(&mut Array), element: Element) -> bool {
        let mut layouts = self.layouts.iter_mut();
        for (name, given) in &mut self.arguments {
            let layout = given.leaf().and_then(|_| layouts.next());
            match given {
                _ if *name != function.operands[k].name => {}
                Given::Array(array) => {
                    change(array);
                    // The elements are no longer repeated along an axis.
                    layout.into_iter().filter(|layout| layout.repeats()).for_each(|layout| *layout = Layout::Contiguous);
                    return true;
                }
                Given::Scalar(scalar) => {
                    *scalar = scalar_like(*scalar, element);
                    return true;
                }
                _ => return false,
            }
        }
        false
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
    use crate::generate::{BackendProfile, Budget, CaseTree, Simplify, Sort, streams};

    fn scalar(scalar: Scalar) -> Operand {
        Operand { given: Some(Given::Scalar(scalar)), layout: Layout::Contiguous, form: ArgForm::Positional }
    }

    fn vector(dtype: DType, elements: &[f64]) -> Operand {
        Operand::array(Array::from_elements(dtype, vec![elements.len()], elements.iter().map(|v| Element::F64(*v).cast(dtype))))
    }

    #[test]
    fn a_complex_scalar_makes_real_arrays_complex() {
        let spec = Spec::embedded();
        let function = |name| spec.function("array", name).expect("it is in the spec");
        let case = |operands: [Operand; 2]| Call::of_operands(function("__add__"), operands);
        let complex = Scalar::Complex((1.0, 2.0));
        for (dtype, value, form, common) in [
            (DType::Float32, complex, CallForm::ComplexScalar, DType::Complex64),
            (DType::Float64, complex, CallForm::ComplexScalar, DType::Complex128),
            (DType::Complex64, complex, CallForm::Scalar, DType::Complex64),
            (DType::Float32, Scalar::Float(2.0), CallForm::Scalar, DType::Float32),
        ] {
            let case = case([vector(dtype, &[1.0, -0.0]), scalar(value)]);
            assert_eq!((case.form(), case.common_dtype(spec)), (form, Some(common)), "{dtype} with {value}");
        }
        let arrays = case([vector(DType::Float32, &[1.0]), vector(DType::Float64, &[1.0])]);
        assert_eq!((arrays.form(), arrays.common_dtype(spec)), (CallForm::Arrays, Some(DType::Float64)));

        let case = case([vector(DType::Float32, &[1.0, -3.0]), scalar(complex)]);
        let result = |name| case.result_dtype(spec, function(name));
        assert_eq!((result("__add__"), result("__eq__")), (Some(DType::Complex64), Some(DType::Bool)));
        let pairing = case.pairing(function("__add__"), DType::Complex64, &[2]);
        assert_eq!(pairing.arguments(1)[..], [Element::C64(-3.0, 0.0), Element::C64(1.0, 2.0)]);
    }

    #[test]
    fn a_replaced_complex_scalar_stays_complex() {
        let spec = Spec::embedded();
        let power = spec.function("array", "__pow__").expect("it is in the spec");
        for base in [&[1.0][..], &[]] {
            let exponent = scalar(Scalar::Complex((f64::NAN, 0.0)));
            let mut case = Call::of_operands(power, [vector(DType::Float32, base), exponent]);
            case.make_defined(spec, power);
            assert_eq!(case.operand(power, 1), Some(&Given::Scalar(Scalar::Complex((1.0, 0.0)))));
        }
    }

    #[test]
    fn complex_scalars_are_drawn_only_where_they_are_allowed_and_survive_simplification() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let real = BackendProfile { dtypes: profile.dtypes.iter().copied().filter(|d| !d.is_complex()).collect(), ..profile.clone() };
        let drawn = |name: &str, profile: &BackendProfile| {
            let function = spec.function("array", name).expect("it is in the spec");
            let streams = streams(spec, function, profile, Budget { seed: 7, cases: 1200 }, &|sort| sort == Sort::Plain);
            let stream = &streams[0];
            let mut count = 0;
            for index in (0..1200).map(|i| Sort::Plain.nth(i + stream.before_rows())) {
                let case = stream.case(index);
                if case.form() == CallForm::ComplexScalar {
                    count += 1;
                    assert!(stream.takes_complex(&stream.combinations[stream.combination_of(index)]));
                    let mut tree = CaseTree::new(stream, case, None, 40);
                    while let Some(simpler) = tree.propose() {
                        assert_eq!(simpler.call.form(), CallForm::ComplexScalar);
                        tree.accept(simpler);
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
