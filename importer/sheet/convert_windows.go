package sheet

import (
	"context"
	"os"
	"os/exec"
	"strconv"
)

// endingSignals end the program; it takes the time to clean up.
var endingSignals = []os.Signal{os.Interrupt}

// officeCommand is the program, which ends with all that it started.
func officeCommand(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error {
		endGroup(cmd)
		return nil
	}
	return cmd
}

// endGroup ends the command and all that it started, as long as it runs.
func endGroup(cmd *exec.Cmd) {
	if cmd.Process != nil && cmd.ProcessState == nil {
		exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	}
}
