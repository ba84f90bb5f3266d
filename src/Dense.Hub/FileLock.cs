namespace Dense.Hub;

/// <summary>Keeps two processes from downloading the same file at once.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes the lock of a file, waiting for whoever has it.</summary>
    /// <returns>Disposing gives it back. The file <c>PATH.lock</c> stays: deleting it could take a lock away from
    /// somebody who waits for it.</returns>
    /// <exception cref="HubException">Somebody else had it for too long.</exception>
    public static async Task<FileStream> TakeAsync(
        string path,
        DownloadLimits limits,
        TimeProvider time,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        string name = path + ".lock";
        long began = time.GetTimestamp();
        for (bool told = false; ; told = true)
        {
            try
            {
                return new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (time.GetElapsedTime(began) >= limits.Lock)
                {
                    throw new HubException($"{path}: another process has been downloading this file for " +
                        $"{limits.Lock.TotalMinutes:0} minutes. Wait for it, or end it.", e);
                }
            }

            if (!told)
                progress?.Report(DownloadProgress.Of("another process downloads this file; waiting for it"));

            await Task.Delay(Poll, time, cancellation);
        }
    }
}
