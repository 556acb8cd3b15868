//go:build unix

package sheet

import (
	"context"
	"os"
	"os/exec"
	"syscall"
)

// endingSignals end the program; it takes the time to clean up.
var endingSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// officeCommand is the program in a process group of its own, with limits of 4 GiB for its memory and of 512 MiB for each file
// that it writes: what a hostile file makes of it must not take the machine.
func officeCommand(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", `ulimit -v 4194304; ulimit -f 1048576; exec "$0" "$@"`, program}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		endGroup(cmd)
		return nil
	}
	return cmd
}

// endGroup ends the command and all that it started; what has ended is left alone.
func endGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
