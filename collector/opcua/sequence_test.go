package opcua

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func numbers(list []message) []uint32 {
	var n []uint32
	for _, m := range list {
		n = append(n, m.seq)
	}
	return n
}

func TestMessagesComeOutInOrder(t *testing.T) {
	for name, c := range map[string]struct {
		in, want, missing []uint32
	}{
		"in order":                    {[]uint32{1, 2, 3}, []uint32{1, 2, 3}, nil},
		"swapped at the start":        {[]uint32{2, 1, 3}, []uint32{1, 2, 3}, nil},
		"swapped":                     {[]uint32{1, 3, 2, 4}, []uint32{1, 2, 3, 4}, nil},
		"one is missing":              {[]uint32{1, 2, 5, 4}, []uint32{1, 2}, []uint32{3}},
		"the first are missing":       {[]uint32{3}, nil, []uint32{1, 2}},
		"a subscription joined late":  {[]uint32{500, 501}, []uint32{500, 501}, nil},
		"around the end of numbers":   {[]uint32{math.MaxUint32 - 1, 1, math.MaxUint32}, []uint32{math.MaxUint32 - 1, math.MaxUint32, 1}, nil},
		"a server that numbers anew":  {[]uint32{500, 501, 1, 2}, []uint32{500, 501, 1, 2}, nil},
		"a server that jumps forward": {[]uint32{1, 1_000_000}, []uint32{1, 1_000_000}, nil},
	} {
		q := newSequence()
		var got []uint32
		for _, n := range c.in {
			got = append(got, numbers(q.add(message{seq: n}))...)
		}
		if !slices.Equal(got, c.want) || !slices.Equal(q.missing(), c.missing) {
			t.Errorf("%s: got %v with %v missing, want %v with %v", name, got, q.missing(), c.want, c.missing)
		}
	}
}

func TestAKeepAliveShowsWhatIsMissing(t *testing.T) {
	q := newSequence()
	q.keepAlive(1)
	q.add(message{seq: 1})
	q.keepAlive(2)
	if got := q.missing(); got != nil {
		t.Fatalf("missing: got %v, want none", got)
	}
	q.keepAlive(1) // a server that repeats its last number
	q.keepAlive(4)
	if got := q.missing(); !slices.Equal(got, []uint32{2, 3}) {
		t.Fatalf("missing: got %v, want 2 and 3", got)
	}
	if got := numbers(q.recovered(message{seq: 2})); !slices.Equal(got, []uint32{2}) {
		t.Errorf("recovered 2: got %v", got)
	}
	if got := numbers(q.giveUp(3)); got != nil {
		t.Errorf("gave up 3: got %v, want nothing", got)
	}
	if got := q.add(message{seq: 2}); got != nil {
		t.Errorf("2 came late: got it again")
	}
	if got := numbers(q.add(message{seq: 4})); !slices.Equal(got, []uint32{4}) {
		t.Errorf("4: got %v", got)
	}
}

// A message that comes twice is known by when it was published. Otherwise it
// would count as the first of a server that numbers anew, and those after it as
// missing.
func TestAMessageThatComesTwiceIsTakenOnce(t *testing.T) {
	at := func(seq uint32, second int) message {
		return message{seq: seq, published: received.Add(time.Duration(second) * time.Second)}
	}
	q := newSequence()
	for seq := range uint32(9) {
		q.add(at(seq+1, int(seq)))
	}
	for _, seq := range []uint32{9, 4, 1} {
		if got := numbers(q.add(at(seq, int(seq)-1))); got != nil || q.missing() != nil {
			t.Errorf("%d again: got %v with %v missing, want nothing", seq, got, q.missing())
		}
	}
	if got := numbers(q.add(at(10, 10))); !slices.Equal(got, []uint32{10}) {
		t.Errorf("10: got %v", got)
	}
	if got := numbers(q.add(at(4, 11))); !slices.Equal(got, []uint32{4}) {
		t.Errorf("4 of a server that numbers anew: got %v", got)
	}
}

func TestAfterACutWhatWasNotTakenIsAskedFor(t *testing.T) {
	q := resumeSequence(5, []uint32{4, 5, 6, 8})
	if got := q.missing(); !slices.Equal(got, []uint32{6, 7, 8}) {
		t.Errorf("missing: got %v, want 6, 7 and 8", got)
	}
	if got := resumeSequence(0, nil).missing(); got != nil {
		t.Errorf("missing with nothing sent: got %v, want none", got)
	}
}

// A server sends 1 to n; a few change places, some get lost and are
// recovered or given up. What comes out is in order, without repeats, and
// only what was given up is missing.
func TestWhateverTheNetworkDoesTheOrderHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		first := rapid.SampledFrom([]uint32{1, 900, math.MaxUint32 - 20}).Draw(t, "first")
		var sent []uint32
		for s := first; len(sent) < n; s = following(s) {
			sent = append(sent, s)
		}
		order := slices.Clone(sent)
		for i := range order[1:] {
			// The base is the first arrival, unless numbers are small.
			if (i > 0 || first == 1) && rapid.Bool().Draw(t, "swap") {
				order[i], order[i+1] = order[i+1], order[i]
			}
		}
		q := newSequence()
		var got, lost []uint32
		for i, s := range order {
			if i > 0 && rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
				continue
			}
			got = append(got, numbers(q.add(message{seq: s}))...)
		}
		q.keepAlive(following(sent[len(sent)-1]))
		for _, s := range q.missing() {
			if rapid.Bool().Draw(t, "gone") {
				lost = append(lost, s)
				got = append(got, numbers(q.giveUp(s))...)
			} else {
				got = append(got, numbers(q.recovered(message{seq: s}))...)
			}
		}
		want := slices.DeleteFunc(sent, func(s uint32) bool { return slices.Contains(lost, s) })
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
