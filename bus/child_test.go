package bus_test

const (
	childDir  = "ANDON_BUS_TEST_DIR"
	childTask = "ANDON_BUS_TEST_TASK"
)

func runChild(dir, task string) int { return 0 }
