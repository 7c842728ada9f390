# ---------------------------------------------------------------------------------------------------------------------
# Windows' own tools: by full path, with an argument array, output decoded, exit code looked at by the caller.
# ---------------------------------------------------------------------------------------------------------------------

function Get-NativePath {
    # The path as .NET knows it (PowerShell's drives and the process's current folder are not .NET's).
    param([string] $Path)
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

function Invoke-Native {
    # Answers { ExitCode, Lines }. No decision rests on these texts: they are localised. -Quiet keeps them out of the log.
    param([string] $Tool, [string[]] $Arguments, [switch] $Quiet)
    # In a 32-bit process System32 would silently mean SysWOW64.
    $folder = 'System32'
    if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) { $folder = 'Sysnative' }
    $file = Join-Path -Path (Join-Path -Path $env:SystemRoot -ChildPath $folder) -ChildPath "$Tool.exe"
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { Stop-Script -Code 'tool-missing' -Message "the repair VM has no $file" }
    Write-Line -Text "> $Tool $($Arguments -join ' ')"

    # Windows PowerShell turns a native tool's error output into errors; here the exit code counts.
    $ErrorActionPreference = 'Continue'
    # A tool that does not start leaves the exit code of the one before.
    $global:LASTEXITCODE = -1
    $output = @(& $file @Arguments 2>&1)
    $exitCode = $LASTEXITCODE
    $said = @($output | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
    $complained = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
    $encoding = [Console]::OutputEncoding
    $lines = @((ConvertFrom-NativeOutput -Lines $said -Encoding $encoding), (ConvertFrom-NativeOutput -Lines $complained -Encoding $encoding) |
            ForEach-Object { $_ } | Where-Object { "$_".Trim() })
    if (-not $Quiet) {
        foreach ($text in @($lines | Select-Object -Last 40)) { Write-Line -Text "  $text" }
    }
    Write-Line -Text "  exit code $exitCode"
    [pscustomobject]@{ ExitCode = $exitCode; Lines = $lines }
}

function ConvertFrom-NativeOutput {
    # Lines of a tool, which PowerShell has cut and decoded as text of the console's code page. Some tools write UTF-16 (SFC does, and not every
    # version of the others alike): the bytes tell, for in text of a code page there is no zero. A code page of single bytes gives the bytes back,
    # to be decoded anew; of another one only the zeros can be taken out.
    param([string[]] $Lines, [System.Text.Encoding] $Encoding)
    $text = $Lines -join "`n"
    if ($text.IndexOf([char] 0) -ge 0) {
        if ($Encoding.IsSingleByte) { $text = [System.Text.Encoding]::Unicode.GetString($Encoding.GetBytes($text)) }
        $text = $text.Replace("`0", '').TrimStart([char] 0xfeff)
    }
    $text -split '[\r\n]+'
}

function New-TemporaryFolder {
    # On the repair VM's own disk.
    $path = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath ('bootmedic-' + [guid]::NewGuid().ToString('N'))
    $null = New-Item -ItemType Directory -Path $path
    $path
}
