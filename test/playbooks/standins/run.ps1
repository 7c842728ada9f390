# Runs the bundled scripts, one case after another, on the simulator's stand-ins for the cmdlets of Windows. $Cases: a JSON file
# [{ folder, script, parameters }]; each case's output goes to <folder>/output, its exit code to <folder>/exit.
param([string] $Cases, [string] $Commands)

. $Commands

$stdout = [Console]::Out
foreach ($case in @(Get-Content -LiteralPath $Cases -Raw | ConvertFrom-Json)) {
    $env:BM = $case.folder
    $env:SystemRoot = "$($case.folder)/host"
    Microsoft.PowerShell.Management\Get-PSDrive -PSProvider FileSystem | Where-Object { $_.Name -match '^[A-Z]$' } | Remove-PSDrive -Force
    $null = Get-PSDrive
    $parameters = @{}
    foreach ($property in $case.parameters.PSObject.Properties) { $parameters[$property.Name] = $property.Value }
    $writer = New-Object System.IO.StringWriter
    [Console]::SetOut($writer)
    $global:LASTEXITCODE = 0
    try { & $case.script @parameters *> "$($case.folder)/stray" } catch { $writer.WriteLine("threw: $($_.Exception.Message)"); $global:LASTEXITCODE = 1 }
    [Console]::SetOut($stdout)
    Set-Content -LiteralPath "$($case.folder)/output-$($case.run)" -Value $writer.ToString()
    Set-Content -LiteralPath "$($case.folder)/exit-$($case.run)" -Value $LASTEXITCODE
}
