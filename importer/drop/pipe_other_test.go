//go:build !unix

package drop

import "errors"

func makePipe(string) error { return errors.ErrUnsupported }
