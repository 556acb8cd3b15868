package ledger

import "golang.org/x/sys/unix"

// remoteFS are the file systems, by the number that statfs gives, whose files lie on another machine, or may.
var remoteFS = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "NFS",
	unix.SMB_SUPER_MAGIC:  "SMB",
	unix.CIFS_SUPER_MAGIC: "SMB",
	unix.SMB2_SUPER_MAGIC: "SMB",
	unix.FUSE_SUPER_MAGIC: "FUSE",
	unix.CEPH_SUPER_MAGIC: "Ceph",
	unix.AFS_SUPER_MAGIC:  "AFS",
	unix.AFS_FS_MAGIC:     "AFS",
	unix.CODA_SUPER_MAGIC: "Coda",
	0x0bd00bd0:            "Lustre", // LL_SUPER_MAGIC of Lustre's lustre_user.h
}

// networkFS names the network file system that dir lies on, or "".
func networkFS(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return "" // what is wrong with dir is told better by who opens a file in it
	}
	return remoteFS[uint32(s.Type)]
}
