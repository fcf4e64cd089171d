//! What a backend has, as far as it shapes the cases that are drawn.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_interface::{DType, Defaults};
use array_assay_spec::expr::Expr;
use array_assay_spec::{Function, Spec};

use super::layout::{LAYOUTS, Layout};
use super::losses::Losses;
use super::shapes::{ShapeKind, broadcastable, shape, variants};
use super::values::Random;

/// What a backend declares of itself, as far as it shapes the cases.
#[derive(Debug, Clone, PartialEq)]
pub struct BackendProfile {
    /// The dtypes that it has, and that were selected.
    pub dtypes: Vec<DType>,
    /// The layouts that were not withdrawn.
    pub layouts: Vec<Layout>,
    /// Kinds of shapes of which one of these cannot be made.
    pub unlaid: BTreeSet<(Layout, ShapeKind)>,
    /// What is lost on the way into the library and out of it.
    pub losses: Losses,
    /// The greatest rank.
    pub max_rank: usize,
    /// Its devices, the default first.
    pub devices: Vec<String>,
    /// Whether arrays say on which device they are.
    pub tells_device: bool,
    /// Its default dtypes.
    pub defaults: Defaults,
    /// The shapes of arrays, where it declares some: each new one costs it a compilation. Empty: any.
    pub shapes: Vec<Vec<usize>>,
    /// The capabilities that it lacks, by name, and how that shows.
    pub lacks: BTreeMap<String, String>,
    /// The greatest rank of its arrays, where it has one.
    pub rank_limit: Option<RankLimit>,
    /// The dtypes that it has by name alone or not at all, and why: arrays of them do not go in and out, or it says to lack them.
    pub unusable: BTreeMap<DType, String>,
}

/// The greatest rank of a library's arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct RankLimit {
    /// The rank.
    pub rank: usize,
    /// How it shows.
    pub why: String,
}

/// Calls of which a library is excused.
#[derive(Debug, Clone, Copy)]
pub struct Excused<'s> {
    /// The condition on them; `None`: all.
    pub when: Option<&'s Expr>,
    /// How it shows that the library lacks what they need.
    pub why: &'s str,
}

impl Default for BackendProfile {
    fn default() -> BackendProfile {
        BackendProfile {
            dtypes: DType::ALL.to_vec(),
            layouts: LAYOUTS.to_vec(),
            unlaid: BTreeSet::new(),
            losses: Losses::default(),
            max_rank: 4,
            devices: Vec::new(),
            tells_device: true,
            defaults: Defaults::default(),
            shapes: Vec::new(),
            lacks: BTreeMap::new(),
            rank_limit: None,
            unusable: BTreeMap::new(),
        }
    }
}

impl BackendProfile {
    /// Whether the library lacks the dtype, so that nothing can have it.
    pub fn is_missing(&self, dtype: DType) -> bool {
        self.unusable.contains_key(&dtype) && !self.dtypes.contains(&dtype)
    }

    /// The same without any capability.
    pub fn without_capabilities(&self, spec: &Spec) -> BackendProfile {
        BackendProfile {
            lacks: spec.capabilities.iter().map(|capability| (capability.name.clone(), String::new())).collect(),
            ..self.clone()
        }
    }

    /// Why the library is excused of calls of a function, for it lacks what they need.
    pub fn excuses<'s>(&'s self, spec: &'s Spec, function: &Function) -> Vec<Excused<'s>> {
        let lacking = spec.capabilities.iter().filter_map(|capability| Some((capability, self.lacks.get(&capability.name)?)));
        let excuses = lacking.flat_map(|(capability, why)| capability.excuses.iter().map(move |excuse| (excuse, why.as_str())));
        excuses.filter(|(excuse, _)| excuse.names(function)).map(|(excuse, why)| Excused { when: excuse.when.as_ref(), why }).collect()
    }

    /// Why the library may lack the function as a whole.
    pub fn excuses_all<'s>(&'s self, spec: &'s Spec, function: &Function) -> Option<&'s str> {
        self.excuses(spec, function).into_iter().find(|excused| excused.when.is_none()).map(|excused| excused.why)
    }

    /// A shape of at most so many axes.
    pub(super) fn shape(&self, max_rank: usize, random: &mut Random) -> Vec<usize> {
        self.declared_shape((0, max_rank), usize::MAX, random).unwrap_or_else(|| shape(random, max_rank))
    }

    /// One of the declared shapes of these ranks with no axis longer than `longest`.
    pub(super) fn declared_shape(&self, (low, high): (usize, usize), longest: usize, random: &mut Random) -> Option<Vec<usize>> {
        let fits = |shape: &&Vec<usize>| (low..=high).contains(&shape.len()) && shape.iter().all(|n| *n <= longest);
        let fitting: Vec<&Vec<usize>> = self.shapes.iter().filter(fits).collect();
        (!fitting.is_empty()).then(|| fitting[random.below(fitting.len())].clone())
    }

    /// Shapes of `count` operands that broadcast together.
    pub(super) fn broadcastable(&self, count: usize, random: &mut Random) -> Vec<Vec<usize>> {
        match self.declared_shape((0, self.max_rank), usize::MAX, random) {
            Some(common) => variants(random, count, &common),
            None => broadcastable(random, count, self.max_rank),
        }
    }

    /// Draws the memory layout of an operand of this shape. Only one operand in `one_in` is not contiguous, because each other layout costs an
    /// extra call.
    pub(super) fn layout(&self, shape: &[usize], one_in: usize, random: &mut Random) -> Layout {
        if self.layouts.is_empty() || random.below(one_in) > 0 {
            return Layout::Contiguous;
        }
        let layout = self.layouts[random.below(self.layouts.len())];
        let fits = layout.fits(shape) && !self.unlaid.contains(&(layout, ShapeKind::of(shape)));
        if fits { layout } else { Layout::Contiguous }
    }
}
