//! A call of a function, and the program that makes it.

use array_assay_interface::{Arg, Array, DType, Element, ParameterKind, Program, Register, Role, Scalar, Step};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Function, Operator, OperatorForm};

use super::layout::Layout;
use super::losses::Losses;
use super::sharing::{Origin, Sharing, overlapping, rows};
use super::values::simpler;
use crate::elements::{flush, has_subnormal};

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ArgForm {
    Positional,
    Keyword,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call<'a> {
    /// Arguments by parameter, in the order of the signature.
    pub arguments: Vec<(&'a str, Given)>,
    /// How each argument is passed.
    pub forms: Vec<ArgForm>,
    /// The layouts of the arrays among the arguments, in order.
    pub layouts: Vec<Layout>,
    /// The class of inputs that the first array belongs to, if its parameter has such classes.
    pub class: Option<&'static str>,
    /// How its arrays lie to each other in memory.
    pub sharing: Sharing,
    /// Whether the program also returns the inputs, to see that they did not change.
    pub returns_inputs: bool,
    /// Whether the program also returns the devices of the result and of the first input.
    pub returns_devices: bool,
}

impl<'a> Call<'a> {
    /// A call with these arguments by position, whose arrays are contiguous.
    pub fn positional(arguments: Vec<(&'a str, Given)>) -> Call<'a> {
        let arrays = arguments.iter().map(|(_, given)| given.leaves().count()).sum();
        let (forms, layouts) = (vec![ArgForm::Positional; arguments.len()], vec![Layout::Contiguous; arrays]);
        Call { arguments, forms, layouts, ..Call::default() }
    }

    /// The array that the call reduces, and for each of its axes whether it is reduced. Without an axis argument all axes are. `None` if
    /// the function takes no axes.
    pub fn reduced(&self, function: &Function) -> Option<(&Array, Vec<bool>)> {
        let (of, axes) = function.parameters.iter().find_map(|p| match &p.domain {
            Domain::Axis { of } | Domain::Axes { of } => Some((of, self.argument(&p.name))),
            _ => None,
        })?;
        let array = self.argument(of)?.leaf()?;
        let rank = array.shape.len();
        let given = axes.filter(|axes| matches!(axes, Given::Tuple(_) | Given::Scalar(_))).map(Given::parts);
        let mut reduced = vec![given.is_none(); rank];
        for axis in given.unwrap_or_default().iter().filter_map(Given::integer).filter(|_| rank > 0) {
            reduced[axis.rem_euclid(rank as i128) as usize] = true;
        }
        Some((array, reduced))
    }

    /// The arrays among the arguments with their layouts, in order.
    pub fn laid(&self) -> impl Iterator<Item = (&Array, Layout)> {
        self.arguments.iter().flat_map(|(_, given)| given.leaves()).zip(self.layouts.iter().copied())
    }

    /// The arrays among the arguments, in order, to change them.
    pub fn arrays_mut(&mut self) -> impl Iterator<Item = &mut Array> {
        self.arguments.iter_mut().flat_map(|(_, given)| given.leaves_mut())
    }

    /// The call with other arrays: `of` makes them, each from the one in its place.
    pub fn with_arrays(&self, mut of: impl FnMut(&Array) -> Array) -> Call<'a> {
        let arguments = self.arguments.iter().map(|(name, given)| (*name, given.as_ref().map(&mut of))).collect();
        Call { arguments, forms: self.forms.clone(), layouts: self.layouts.clone(), ..*self }
    }

    /// The Python scalars among the arguments of a call.
    pub fn scalars(&self) -> impl Iterator<Item = Scalar> + '_ {
        self.arguments.iter().filter_map(|(_, given)| if let Given::Scalar(scalar) = given { Some(*scalar) } else { None })
    }

    /// The arrays among the arguments, in order.
    pub fn arrays(&self) -> Vec<&Array> {
        self.arguments.iter().flat_map(|(_, given)| given.leaves()).collect()
    }

    /// Replaces elements that would not come back from the library unchanged.
    pub(super) fn replace_lost(&mut self, losses: &Losses) {
        let replaced: Vec<Option<Array>> = self.arrays().into_iter().map(|array| losses.replaced(array)).collect();
        for (i, array) in replaced.into_iter().enumerate() {
            if let Some(array) = array {
                self.replace_array(i, array);
            }
        }
    }

    /// The argument of a parameter, if it is passed.
    pub fn argument(&self, name: &str) -> Option<&Given> {
        self.arguments.iter().find(|(n, _)| *n == name).map(|(_, given)| given)
    }

    /// The call with subnormal numbers replaced by zero. `None` if there are none.
    pub fn flushed(&self) -> Option<Call<'_>> {
        if !self.arrays().iter().any(|array| array.dtype.is_floating() && array.elements().any(has_subnormal)) {
            return None;
        }
        let mut out = self.clone();
        for (i, array) in self.arrays().into_iter().enumerate() {
            out.replace_array(i, Array::from_elements(array.dtype, array.shape.clone(), array.elements().map(flush)));
        }
        Some(out)
    }

    /// Replaces the `i`-th array among the arguments.
    pub fn replace_array(&mut self, i: usize, array: Array) {
        if let Some(old) = self.arrays_mut().nth(i) {
            *old = array;
        }
    }

    /// The program that makes the call: it creates the inputs, makes their layouts and calls the function. It returns the result, then the
    /// attributes of a result that is an object, then devices and inputs if they are asked for.
    pub fn program(&self, function: &Function) -> Program {
        self.program_on(function, self.laid().map(|(array, layout)| (layout.physical(array), layout, array.shape.clone())).collect())
    }

    /// The program that makes the call on these inputs: for each array the array to create, its layout, and its shape once it has that layout.
    pub(super) fn program_on(&self, function: &Function, arrays: Vec<(Array, Layout, Vec<usize>)>) -> Program {
        let mut program = Program::default();
        let origins = self.sharing.origins(&arrays);
        let mut registers: Vec<u32> = Vec::with_capacity(arrays.len());
        let count = origins.iter().filter(|origin| matches!(origin, Origin::Own | Origin::Head(_))).count() as u32;
        let mut whole = 0;
        for ((physical, layout, shape), origin) in arrays.into_iter().zip(origins) {
            let input = program.inputs.len() as u32;
            let step = match origin {
                Origin::SameAs(first) => {
                    registers.push(registers[first]);
                    continue;
                }
                Origin::Own => {
                    program.inputs.push(physical);
                    layout.step(input, &shape)
                }
                Origin::Head(array) => {
                    program.inputs.push(array);
                    whole = input;
                    Some(rows(whole, 0, &shape))
                }
                Origin::Next => Some(rows(whole, 1, &shape)),
            };
            registers.push(match step {
                Some(step) => {
                    program.steps.push(step);
                    count + program.steps.len() as u32 - 1
                }
                None => input,
            });
        }
        let owner = function.owner().map(|owner| {
            program.steps.push(Step { function: owner.to_owned(), args: vec![], kwargs: vec![], role: Role::Subject });
            Arg::Register(count + program.steps.len() as u32 - 1)
        });
        let mut used = registers.iter().copied();
        let mut arg = |given: &Given| given.as_ref().map(|_| Register(used.next().expect("one register for each array")));
        let (mut args, mut kwargs): (Vec<Arg>, _) = (owner.into_iter().collect(), Vec::new());
        for ((name, given), form) in self.arguments.iter().zip(&self.forms) {
            let variadic = function.signature.parameters.iter().any(|p| p.name == *name && p.kind == ParameterKind::VarPositional);
            match (given.items(), form) {
                (Some(items), _) if variadic => args.extend(items.iter().map(&mut arg)),
                (_, ArgForm::Positional) => args.push(arg(given)),
                (_, ArgForm::Keyword) => kwargs.push(((*name).to_owned(), arg(given))),
            }
        }
        let mut path = function.path();
        if let Some(Operator { form: OperatorForm::Reflected, python, .. }) = &function.operator {
            match python {
                // The left operand is a Python scalar, so Python calls the reflected method of the array.
                Some(python) if self.scalars().next().is_some() => path.clone_from(python),
                _ => args.reverse(),
            }
        }
        program.steps.push(Step { function: path, args, kwargs, role: Role::Subject });
        let subject = count + program.steps.len() as u32 - 1;
        let observed = function.result.observes.as_ref().and_then(|name| self.arguments.iter().position(|(n, _)| n == name));
        program.returns.push(observed.and_then(|i| registers.get(i).copied()).unwrap_or(subject));
        let mut observe = |path: String, register: u32| {
            program.steps.push(Step { function: path, args: vec![Arg::Register(register)], kwargs: vec![], role: Role::Subject });
            program.returns.push(count + program.steps.len() as u32 - 1);
        };
        for attribute in &function.result.attributes {
            observe(format!("attribute.{attribute}"), subject);
        }
        if self.returns_devices {
            observe("attribute.device".to_owned(), subject);
            if let Some(first) = registers.first() {
                observe("attribute.device".to_owned(), *first);
            }
        }
        if self.returns_inputs {
            let written = &registers[..changed(function).min(registers.len())];
            program.returns.extend(registers.iter().filter(|register| !written.contains(register)));
        }
        program
    }

    /// How the arrays lie to each other, which also depends on their elements.
    pub fn shared(&self) -> Sharing {
        let arrays: Vec<_> = self.laid().map(|(array, layout)| (array.clone(), layout, array.shape.clone())).collect();
        let is_shared = self.sharing.origins(&arrays).iter().any(|origin| !matches!(origin, Origin::Own));
        if is_shared { self.sharing } else { Sharing::Apart }
    }

    /// Lets the second of two arrays overlap with the first. Both have the same dtype and shape, and so many rows.
    pub(super) fn let_overlap(&mut self, first: usize, second: usize, rows: usize) {
        let arrays = self.arrays();
        let array = overlapping(arrays[first], arrays[second], rows);
        self.replace_array(second, array);
        (self.layouts[first], self.layouts[second]) = (Layout::Contiguous, Layout::Contiguous);
        self.sharing = Sharing::Overlapping;
    }

    /// The arrays that the call must not change, in order.
    pub fn preserved(&self, function: &Function) -> Vec<&Array> {
        let arrays: Vec<(&Array, Layout)> = self.laid().collect();
        let objects = self.sharing.objects(&arrays);
        let kept = (0..arrays.len()).filter(|i| objects[*i] >= changed(function));
        kept.map(|i| arrays[i].0).collect()
    }

    /// A program that makes the call, overwrites its result, and returns the first operand and the result. If the two differ, the call has
    /// copied.
    pub fn overwriting(&self, mut program: Program) -> Program {
        let result = program.registers() as u32 - 1;
        let other = self.arrays().first().and_then(|array| array.elements().next()).map_or(Scalar::Int(0), other_scalar);
        let args = vec![Arg::Register(result), Arg::Ellipsis, Arg::Scalar(other)];
        let operand = program.steps.last().and_then(|call| call.args.iter().find_map(Arg::leaf)).map_or(0, |Register(register)| *register);
        program.steps.push(Step { function: "operator.setitem".to_owned(), args, kwargs: vec![], role: Role::Prepare });
        program.returns = vec![operand, result];
        program
    }
}

/// The number of arrays that a call of the function changes: one, if it is an in-place operator or an assignment.
pub fn changed(function: &Function) -> usize {
    usize::from(function.is_operator(OperatorForm::InPlace) || function.result.mutates.is_some())
}

/// A Python scalar that differs from an element.
fn other_scalar(element: Element) -> Scalar {
    match element {
        Element::Bool(v) => Scalar::Bool(!v),
        Element::Int(v) => Scalar::Int(i128::from(v != 1)),
        other => Scalar::Float(if other.components().0 == 1.0 { 2.0 } else { 1.0 }),
    }
}

/// Variants of a call in which one element of an array with at most `few` is replaced by a simpler one. Arrays with the layout `Broadcast`
/// keep their elements, because those are repeated.
pub fn simpler_arrays<'a>(call: &Call<'a>, few: usize) -> Vec<Call<'a>> {
    let mut out = Vec::new();
    let own = |i: usize| !call.layouts.get(i).is_some_and(|layout| layout.repeats());
    for (i, array) in call.arrays().into_iter().enumerate().filter(|(i, array)| array.len() <= few && own(*i)) {
        for k in 0..array.len() {
            for element in simpler(array.get(k)) {
                let elements = array.elements().enumerate().map(|(j, e)| if j == k { element } else { e });
                let mut plainer = call.clone();
                plainer.replace_array(i, Array::from_elements(array.dtype, array.shape.clone(), elements));
                out.push(plainer);
            }
        }
    }
    out
}

/// The dtypes that occur in an argument.
pub(super) fn dtypes_in(given: &Given) -> impl Iterator<Item = DType> {
    given.nodes().filter_map(|node| match node {
        Given::Array(array) => Some(array.dtype),
        Given::Dtype(dtype) => Some(*dtype),
        Given::Scalar(Scalar::Complex(_)) => Some(DType::Complex128),
        _ => None,
    })
}

/// The dtypes that occur in the arguments of a call.
pub(super) fn dtypes_of(call: &Call<'_>) -> impl Iterator<Item = DType> {
    call.arguments.iter().flat_map(|(_, given)| dtypes_in(given))
}

#[cfg(test)]
mod tests {
    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::RepeatedAxis;

    fn floats(shape: &[usize], elements: &[f64]) -> Given {
        Given::Array(Array::from_elements(DType::Float64, shape.to_vec(), elements.iter().map(|v| Element::F64(*v))))
    }

    fn call<'a>(arguments: Vec<(&'a str, Given)>, layouts: Vec<Layout>) -> Call<'a> {
        Call { layouts, returns_inputs: true, ..Call::positional(arguments) }
    }

    fn function(category: &str, name: &str) -> &'static Function {
        Spec::embedded().function(category, name).expect("it is in the spec")
    }

    #[test]
    fn what_is_repeated_in_memory_keeps_its_elements_where_others_become_simpler() {
        let layouts = vec![Layout::Broadcast(RepeatedAxis::First), Layout::Contiguous];
        let call = call(vec![("x", floats(&[2, 1], &[5.5, 5.5])), ("y", floats(&[2], &[7.25, 0.0]))], layouts);
        let simpler = simpler_arrays(&call, 6);
        assert!(!simpler.is_empty());
        for plainer in &simpler {
            assert_eq!(plainer.argument("x"), call.argument("x"), "its rows would no longer be one");
            assert_ne!(plainer.argument("y"), call.argument("y"));
        }
        let contiguous = Call { layouts: vec![Layout::Contiguous; 2], ..call.clone() };
        assert!(simpler_arrays(&contiguous, 6).iter().any(|plainer| plainer.argument("x") != call.argument("x")));
    }

    #[test]
    fn the_axes_that_are_reduced_are_those_given_counted_from_either_end() {
        let reduced = |axis: Option<Given>| {
            let given = [("x", floats(&[2, 1, 1], &[1.0, 2.0]))].into_iter().chain(axis.map(|axis| ("axis", axis)));
            let call = call(given.collect(), vec![Layout::Contiguous]);
            call.reduced(function("statistical", "sum")).map(|(_, reduced)| reduced)
        };
        let int = |v| Given::Scalar(Scalar::Int(v));
        assert_eq!(reduced(None), Some(vec![true; 3]));
        assert_eq!(reduced(Some(Given::None)), Some(vec![true; 3]));
        assert_eq!(reduced(Some(int(-1))), Some(vec![false, false, true]));
        assert_eq!(reduced(Some(Given::Tuple(vec![int(0), int(-2)]))), Some(vec![true, true, false]));
        assert_eq!(reduced(Some(Given::Tuple(vec![]))), Some(vec![false; 3]));
        assert_eq!(call(vec![], vec![]).reduced(function("creation", "zeros")), None);
    }

    #[test]
    fn an_array_is_replaced_wherever_it_stands() {
        let list = Given::List(vec![floats(&[1], &[1.0]), floats(&[1], &[2.0])]);
        let mut call = call(vec![("arrays", list), ("y", floats(&[1], &[3.0]))], vec![Layout::Contiguous; 3]);
        for (i, v) in [(2, 30.0), (0, 10.0)] {
            let Given::Array(array) = floats(&[1], &[v]) else { panic!("it is an array") };
            call.replace_array(i, array);
        }
        let firsts: Vec<f64> = call.arrays().iter().map(|array| array.get(0).components().0).collect();
        assert_eq!(firsts, [10.0, 2.0, 30.0]);
    }

    #[test]
    fn subnormal_numbers_are_flushed_where_there_are_some() {
        let of = |elements: &[f64]| call(vec![("x", floats(&[elements.len()], elements))], vec![Layout::Contiguous]);
        assert_eq!(of(&[1.0, 0.0]).flushed(), None);
        let flushed = of(&[1.0, -1e-310]);
        let flushed = flushed.flushed().expect("one is subnormal");
        assert!(flushed.arrays()[0].get(1).same_bits(Element::F64(-0.0)) && flushed.arrays()[0].get(0).same_bits(Element::F64(1.0)));
    }

    #[test]
    fn a_program_makes_the_layouts_calls_and_hands_back_what_is_observed() {
        let arguments = vec![("x", floats(&[2], &[2.0, 1.0]))];
        let sort = Call { returns_devices: true, ..call(arguments, vec![Layout::Strided]) };
        let program = sort.program(function("sorting", "sort"));
        let steps: Vec<(&str, Role)> = program.steps.iter().map(|step| (step.function.as_str(), step.role)).collect();
        let device = ("attribute.device", Role::Subject);
        assert_eq!(steps, [("operator.getitem", Role::Prepare), ("sort", Role::Subject), device, device]);
        // The result, its device, that of the input, and the input as it lies.
        assert_eq!(program.returns, [2, 3, 4, 1]);
        assert_eq!(program.inputs[0].shape, [4]);
        // Variadic arrays one by one; what is assigned to is not handed back a second time.
        let arrays = Given::Tuple(vec![floats(&[1], &[1.0]), floats(&[1], &[2.0])]);
        let program = call(vec![("arrays", arrays)], vec![Layout::Contiguous; 2]).program(function("creation", "meshgrid"));
        assert_eq!(program.steps[0].args, [Arg::Register(0), Arg::Register(1)]);
        let key = ("key", Given::Scalar(Scalar::Int(0)));
        let assigned = call(vec![("self", floats(&[1], &[1.0])), key, ("value", floats(&[], &[2.0]))], vec![Layout::Contiguous; 2]);
        assert_eq!(assigned.program(function("array", "__setitem__")).returns, [0, 1]);
    }
}
