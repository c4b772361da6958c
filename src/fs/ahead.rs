//! Calculations looked at before they are asked for: who goes through all of them, in the order of their names, finds the next one ready.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::view::{Dir, Seen, Tree, ViewNode, Views};

/// How many calculations are looked at before they are asked for, each by a thread of its own.
const THREADS: usize = 2;

/// How long a list of calculations is good for finding the next.
const GOOD: Duration = Duration::from_secs(5);

/// Looks ahead.
pub(super) struct Ahead {
    /// To the threads that look; each takes one at a time, and what comes meanwhile is not looked at.
    wanted: Option<SyncSender<Wanted>>,
    views: Arc<Views>,
    state: Mutex<Order>,
}

/// A calculation to look at.
struct Wanted {
    id: u32,
    /// One that was gone through before, if there is one: what was asked of it will be asked of this one.
    before: Option<u32>,
}

/// The order in which calculations are gone through.
#[derive(Default)]
struct Order {
    /// By name, as of when.
    ids: Vec<u32>,
    as_of: Option<Instant>,
    /// Where in it the last one was that was asked for.
    last: Option<usize>,
    /// Where in it the first one is that no thread was told of yet.
    wanted: usize,
}

impl Ahead {
    /// Of these views. Where no thread can be started, nothing is looked at.
    pub fn new(views: &Arc<Views>) -> Self {
        let (wanted, asked) = sync_channel(THREADS);
        let asked = Arc::new(Mutex::new(asked));
        let start = || {
            // a thread holds nothing while it waits, so that its end is that of the file system
            let (asked, views) = (asked.clone(), Arc::downgrade(views));
            let next = move || asked.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
            let look = move || {
                while let Some(wanted) = next() {
                    let Some(views) = views.upgrade() else { return };
                    look_at(&views, &wanted);
                }
            };
            std::thread::Builder::new().name("ahead".into()).spawn(look).is_ok()
        };
        let started = (0..THREADS).map(|_| start()).fold(false, |any, one| any | one);
        Self { wanted: started.then_some(wanted), views: views.clone(), state: Mutex::default() }
    }

    /// A calculation was asked for: if it is the one after the last, the next ones are looked at.
    pub fn asked_for(&self, id: u32) {
        let Some(wanted) = &self.wanted else { return };
        let mut order = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if order.as_of.is_none_or(|at| at.elapsed() > GOOD) {
            *order = Order::of(self.views.dir().ids().unwrap_or_default().into_iter().collect());
        }
        let at = order.find(id);
        let follows = at.is_some() && at == order.last.map(|last| last + 1);
        order.last = at;
        let Some(at) = at.filter(|_| follows) else {
            order.wanted = 0;
            return;
        };
        let before = at.checked_sub(1).and_then(|before| order.ids.get(before).copied());
        for next in (at + 1).max(order.wanted)..=at + THREADS {
            let Some(id) = order.ids.get(next).copied() else { return };
            // one that is not looked at is read when it is asked for
            if wanted.try_send(Wanted { id, before }).is_ok() {
                order.wanted = next + 1;
            }
        }
    }
}

/// Looks at a calculation. What is wrong is told to who asks.
fn look_at(views: &Arc<Views>, wanted: &Wanted) {
    let Some(calc) = views.calc(wanted.id) else { return };
    let Some(Seen { tree: Ok(Some(tree)), is_final, .. }) = calc.see() else { return };
    let before = wanted.before.and_then(|id| views.known(id)).and_then(|calc| calc.last_tree());
    let all = before.is_some_and(|tree| is_sized_up(&tree, tree.root()));
    size_up(&tree, tree.root(), all);
    if tree.attrs_are_near() {
        let _ = tree.attrs();
    }
    if all && is_final && tree.is_calculation() {
        let _ = calc.lasting_report(&tree).size();
    }
}

/// Finds what is in a directory and below, and the sizes that cost next to nothing, or all.
fn size_up(tree: &Tree, dir: &Dir, all: bool) {
    for found in tree.entries(dir).unwrap_or_default() {
        match &found.node {
            ViewNode::Dir(below) => size_up(tree, below, all),
            ViewNode::File(file) if all || file.size_is_near() => drop(file.size()),
            ViewNode::File(_) | ViewNode::Link(_) => {}
        }
    }
}

/// Whether the sizes of all files in a directory and below are known.
fn is_sized_up(tree: &Tree, dir: &Dir) -> bool {
    tree.entries(dir).unwrap_or_default().iter().all(|found| match &found.node {
        ViewNode::Dir(below) => is_sized_up(tree, below),
        ViewNode::File(file) => file.size_is_near(),
        ViewNode::Link(_) => true,
    })
}

impl Order {
    fn of(mut ids: Vec<u32>) -> Self {
        ids.sort_by_cached_key(u32::to_string);
        Self { ids, as_of: Some(Instant::now()), last: None, wanted: 0 }
    }

    fn find(&self, id: u32) -> Option<usize> {
        let name = id.to_string();
        self.ids.binary_search_by(|other| other.to_string().cmp(&name)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_names() {
        let order = Order::of(vec![1, 2, 9, 10, 11, 100]);
        assert_eq!(order.ids, [1, 10, 100, 11, 2, 9]);
        assert_eq!((order.find(100), order.find(9), order.find(3)), (Some(2), Some(5), None));
    }
}
