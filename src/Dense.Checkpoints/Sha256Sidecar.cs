using System.Security.Cryptography;
using System.Text;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints;

/// <summary>
/// The file <c>NAME.sha256</c> beside a weight file whose format has no checksum of its own, in the form that
/// <c>sha256sum --check</c> reads (reliability R8).
/// </summary>
public static class Sha256Sidecar
{
    private const int DigestLength = 64;
    private const int LongestSidecar = 1 << 16;

    /// <summary>Where the sidecar of a file stands.</summary>
    public static string PathOf(string path) => path + ".sha256";

    /// <summary>Compares the file with its sidecar.</summary>
    /// <returns>Whether there is a sidecar; false means that nothing was verified.</returns>
    /// <exception cref="CheckpointFormatException">The file differs from what was written, or the sidecar is
    /// malformed.</exception>
    public static bool Verify(string path)
    {
        string sidecar = PathOf(path);
        if (!File.Exists(sidecar))
            return false;

        string expected = ReadDigest(sidecar);
        string found = Digest(path);
        if (!string.Equals(expected, found, StringComparison.OrdinalIgnoreCase))
        {
            throw new CheckpointFormatException(path, $"the file is damaged or was replaced: its SHA-256 is {found}, " +
                $"but {Path.GetFileName(sidecar)} says {expected}. Copy it again, or delete the .sha256 file if the " +
                    "change was meant.");
        }

        return true;
    }

    /// <summary>Writes the sidecar of a finished file.</summary>
    /// <param name="path">The weight file.</param>
    /// <param name="digest">Its SHA-256.</param>
    internal static void Write(string path, ReadOnlySpan<byte> digest) =>
        AtomicFile.WriteText(PathOf(path), $"{Convert.ToHexStringLower(digest)}  {Path.GetFileName(path)}\n");

    /// <summary>Writes a weight file and its sidecar. A stale sidecar never stands beside a new file.</summary>
    internal static void WriteFile(string path, Action<Stream> write)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.Write(path, stream =>
        {
            using var hashing = new HashingStream(stream, hash);
            write(hashing);
            hashing.Flush();

            // Killed from here on, the file stands without a sidecar: unverified, but never falsely accused.
            File.Delete(PathOf(path));
        });
        Write(path, hash.GetHashAndReset());
    }

    private static string Digest(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 18];
        for (int count; (count = stream.Read(buffer)) > 0;)
            hash.AppendData(buffer.AsSpan(0, count));

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string ReadDigest(string sidecar)
    {
        if (new FileInfo(sidecar).Length > LongestSidecar)
            throw new CheckpointFormatException(sidecar, "too long for a checksum file. Delete it or write it with " +
                "sha256sum.");

        string text = File.ReadAllText(sidecar, Encoding.UTF8).TrimStart();
        string digest = text.Length >= DigestLength ? text[..DigestLength] : "";
        if (digest.Length == 0 || !digest.All(char.IsAsciiHexDigit))
        {
            throw new CheckpointFormatException(
                sidecar, "should begin with 64 hexadecimal digits. Delete it or write it with sha256sum.");
        }

        return digest;
    }
}
