package production_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/big"
	"strconv"
)

// An arithmetic computes with one kind of number.
type arithmetic[N any] struct {
	number  func(float64) N
	operate func(token.Token, N, N) N
	floor   func(N) N
	less    func(N, N) bool
}

// compute computes a formula with the values of its terms.
func compute[N any](t fataler, with arithmetic[N], text string, terms map[string]float64) N {
	t.Helper()
	e, err := parser.ParseExpr(text)
	if err != nil {
		t.Fatalf("formula %q: %v", text, err)
	}
	var eval func(ast.Expr) N
	eval = func(e ast.Expr) N {
		switch e := e.(type) {
		case *ast.ParenExpr:
			return eval(e.X)
		case *ast.BasicLit:
			v, _ := strconv.ParseFloat(e.Value, 64)
			return with.number(v)
		case *ast.Ident:
			v, ok := terms[e.Name]
			if !ok {
				t.Fatalf("formula %q: no term %s", text, e.Name)
			}
			return with.number(v)
		case *ast.CallExpr:
			name := e.Fun.(*ast.Ident).Name
			if name == "floor" {
				return with.floor(eval(e.Args[0]))
			}
			x, y := eval(e.Args[0]), eval(e.Args[1])
			if with.less(y, x) == (name == "min") {
				return y
			}
			return x
		case *ast.BinaryExpr:
			return with.operate(e.Op, eval(e.X), eval(e.Y))
		}
		t.Fatalf("formula %q: cannot be evaluated", text)
		return with.number(0)
	}
	return eval(e)
}

// evaluate computes a formula as a pocket calculator does: each step rounded.
func evaluate(t fataler, text string, terms map[string]float64) float64 {
	t.Helper()
	return compute(t, arithmetic[float64]{
		number:  func(v float64) float64 { return v },
		operate: operate,
		floor:   func(v float64) float64 { return math.Floor(math.Round(v*1e9) / 1e9) },
		less:    func(x, y float64) bool { return x < y },
	}, text, terms)
}

// exactly computes a formula with the terms as the decimals that they are told
// as, and rounds once. What
// is divided by nothing is nothing.
func exactly(t fataler, text string, terms map[string]float64) float64 {
	t.Helper()
	v, _ := compute(t, arithmetic[*big.Rat]{
		number: func(v float64) *big.Rat {
			r, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
			return r
		},
		operate: operateExactly,
		floor:   func(v *big.Rat) *big.Rat { return new(big.Rat).SetInt(new(big.Int).Div(v.Num(), v.Denom())) },
		less:    func(x, y *big.Rat) bool { return x.Cmp(y) < 0 },
	}, text, terms).Float64()
	return v
}

func operateExactly(op token.Token, x, y *big.Rat) *big.Rat {
	switch op {
	case token.ADD:
		return new(big.Rat).Add(x, y)
	case token.SUB:
		return new(big.Rat).Sub(x, y)
	case token.MUL:
		return new(big.Rat).Mul(x, y)
	case token.QUO:
		if y.Sign() != 0 {
			return new(big.Rat).Quo(x, y)
		}
	case token.GTR:
		if x.Cmp(y) > 0 {
			return big.NewRat(1, 1)
		}
	}
	return new(big.Rat)
}

func operate(op token.Token, x, y float64) float64 {
	switch op {
	case token.ADD:
		return x + y
	case token.SUB:
		return x - y
	case token.MUL:
		return x * y
	case token.QUO:
		return x / y
	case token.GTR:
		if x > y {
			return 1
		}
	}
	return 0
}
