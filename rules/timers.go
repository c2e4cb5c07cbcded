package rules

import "andon/plant"

// timers is a priority queue of times by dense id, a binary heap that knows
// where each id stands. Equal times come in the order of their ids, so that
// the order never depends on how the heap came about.
type timers struct {
	due  []plant.Instant // by id
	pos  []int32         // by id: place in heap + 1, 0 when not running
	heap []int32         // ids
}

func newTimers(n int) timers {
	return timers{due: make([]plant.Instant, n), pos: make([]int32, n), heap: make([]int32, 0, n)}
}

func (t *timers) running(id int32) bool { return t.pos[id] > 0 }

// set starts the timer or moves it.
func (t *timers) set(id int32, due plant.Instant) {
	t.due[id] = due
	if t.pos[id] == 0 {
		t.heap = append(t.heap, id)
		t.pos[id] = int32(len(t.heap))
	}
	at := int(t.pos[id]) - 1
	t.down(t.up(at))
}

// stop ends the timer; it may not be running.
func (t *timers) stop(id int32) {
	if t.pos[id] == 0 {
		return
	}
	at, last := int(t.pos[id])-1, len(t.heap)-1
	t.swap(at, last)
	t.heap = t.heap[:last]
	t.pos[id] = 0
	if at < last {
		t.down(t.up(at))
	}
}

// pop stops and returns the earliest timer that is due at now.
func (t *timers) pop(now plant.Instant) (id int32, ok bool) {
	if len(t.heap) == 0 || t.due[t.heap[0]] > now {
		return 0, false
	}
	id = t.heap[0]
	t.stop(id)
	return id, true
}

func (t *timers) less(a, b int) bool {
	x, y := t.heap[a], t.heap[b]
	if t.due[x] != t.due[y] {
		return t.due[x] < t.due[y]
	}
	return x < y
}

func (t *timers) swap(a, b int) {
	t.heap[a], t.heap[b] = t.heap[b], t.heap[a]
	t.pos[t.heap[a]], t.pos[t.heap[b]] = int32(a+1), int32(b+1)
}

// up moves the id at place i towards the top and returns its new place.
func (t *timers) up(i int) int {
	for i > 0 && t.less(i, (i-1)/2) {
		t.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	return i
}

func (t *timers) down(i int) {
	for {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(t.heap) && t.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		t.swap(i, least)
		i = least
	}
}
